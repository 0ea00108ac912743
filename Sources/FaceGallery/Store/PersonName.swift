internal import Foundation

/// A name as the gallery keeps it: trimmed, in Unicode normalisation form C, 1…``maximumBytes`` bytes of UTF-8
/// without control characters.
struct PersonName: Hashable {
  /// Less than the 511 bytes that a key of LMDB may have.
  static let maximumBytes = 500

  let text: String

  /// Normalises a name as a user types it.
  ///
  /// - Throws: ``GalleryError`` with code `invalidName`.
  init(_ name: String) throws(GalleryError) {
    let text = name.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
    guard !text.isEmpty else {
      throw GalleryError(.invalidName, "The name is empty; give the person a name.")
    }
    guard text.utf8.count <= Self.maximumBytes else {
      throw GalleryError(
        .invalidName,
        "The name takes \(text.utf8.count) bytes and may take \(Self.maximumBytes); choose a shorter one.")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw GalleryError(
        .invalidName, "The name \(name.debugDescription) has control characters; leave them out.")
    }
    self.text = text
  }
}
