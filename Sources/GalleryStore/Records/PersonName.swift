internal import Foundation
internal import Support

/// A name as the gallery keeps it: trimmed, in Unicode normalisation form C, 1…``maximumBytes`` bytes of UTF-8
/// without control characters, with something in it that is seen.
package struct PersonName: Hashable, Sendable {
  /// Less than the 511 bytes that a key of LMDB may have.
  package static let maximumBytes = 500

  package let text: String

  /// Normalises a name as a user types it.
  ///
  /// - Throws: ``GalleryError`` with code `invalidName`.
  package init(_ name: String) throws(GalleryError) {
    let text = name.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
    guard !text.isEmpty, !NameKey.folded(text).isEmpty else {
      throw GalleryError(.invalidName, "The name is empty; give the person a name.")
    }
    guard text.utf8.count <= Self.maximumBytes else {
      throw GalleryError(
        .invalidName,
        "The name takes \(text.utf8.count) bytes and may take \(Self.maximumBytes); choose a shorter one.")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw GalleryError(
        .invalidName, "The name \"\(PrintableText.of(name))\" has control characters; leave them out.")
    }
    // `id:7` is how a person is meant by number: who were called so would be asked for, and somebody else be meant.
    guard NameKey.folded(text).wholeMatch(of: /id: ?[0-9]+/) == nil else {
      throw GalleryError(
        .invalidName, "“\(text)” means the person with this number and is no name; choose another one.")
    }
    self.text = text
  }

  /// A name as a gallery has it.
  package init(stored text: String) { self.text = text }
}

/// What names, and keys and values of tags, are compared by: those of one key are one name.
///
/// Letter case, accents of form, the width of letters, runs of blanks and characters without width make no difference:
/// Unicode's NFKC_Casefold (The Unicode Standard, 3.13, D145), and each run of blanks as one.
package struct NameKey: Hashable, Sendable {
  /// The folded text; where it is longer than LMDB's keys may be, its begin and its digest.
  package let bytes: [UInt8]

  private static let maximumBytes = 500
  private static let keptBytes = 400

  /// The key of a name.
  package init(of text: String) {
    let folded = Array(Self.folded(text).utf8)
    bytes =
      folded.count <= Self.maximumBytes
      ? folded : Array(folded.prefix(Self.keptBytes)) + SHA256.digest(of: folded)
  }

  /// A text in which nothing is left that makes no difference; empty for one of which nothing is seen.
  package static func folded(_ text: String) -> String {
    if let folded = asciiFolded(text) { return folded }
    // Folding may undo the composition, and taking characters out may bring together what composes.
    let folded = fold(text.precomposedStringWithCompatibilityMapping)
      .precomposedStringWithCompatibilityMapping
    return folded.split { $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) }.joined(separator: " ")
  }

  /// The same for most names, faster; nil for a text that is not all ASCII.
  private static func asciiFolded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case 0x80...: return nil
      case 0x41...0x5A: bytes.append(byte | 0x20)
      case 0x09...0x0D, 0x20: if let last = bytes.last, last != 0x20 { bytes.append(0x20) }
      default: bytes.append(byte)
      }
    }
    if bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Full case folding, without the characters that are not shown.
  private static func fold(_ text: String) -> String {
    var folded = ""
    for scalar in text.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
      // The i without a dot is a letter of its own, though its capital is that of i.
      if scalar == "\u{131}" {
        folded.unicodeScalars.append(scalar)
      } else {
        // By way of the capitals, so that ß is ss and the two forms of σ are one.
        folded += scalar.properties.lowercaseMapping.uppercased().lowercased()
      }
    }
    return folded
  }
}
