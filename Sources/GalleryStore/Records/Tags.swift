internal import Foundation
internal import Support

/// A key and a value as the gallery keeps them: trimmed, in Unicode normalisation form C, without control characters.
package struct TagEntry: Hashable, Sendable {
  package static let maximumKeyBytes = 100
  package static let maximumValueBytes = 400
  /// So many tags a person or a face may have, and one change may set.
  package static let mostOfOwner = 1_000

  package let key: String
  package let value: String

  /// - Throws: ``GalleryError`` with code `invalidArgument`.
  package init(_ key: String, _ value: String) throws(GalleryError) {
    self.key = try Self.normalised(key, "key", Self.maximumKeyBytes)
    self.value = try Self.normalised(value, "value", Self.maximumValueBytes)
    guard !self.key.isEmpty, !self.key.contains("=") else {
      throw GalleryError(.invalidArgument, "The key “\(key)” is empty or has a “=”; choose another one.")
    }
  }

  /// The tags by the keys under which they are stored; a value that is nil stays so.
  ///
  /// - Parameter most: More than so many are refused before they are looked at; nil sets no limit.
  /// - Throws: ``GalleryError`` with code `invalidArgument`, also for different values of two keys that are one as names are
  ///   (``NameKey``): which is meant nobody knows.
  package static func all(
    _ tags: [String: String?], most: Int? = nil
  ) throws(GalleryError) -> [String: String?] {
    if let most, tags.count > most {
      throw GalleryError(
        .invalidArgument, "\(tags.count) tags were given, and a change takes up to \(most); give fewer.")
    }
    var all: [String: String?] = [:]
    var same: [NameKey: TagEntry] = [:]
    for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
      let entry = try TagEntry(key, value ?? "")
      let value = value.map { _ in entry.value }
      if let other = same.updateValue(entry, forKey: NameKey(of: entry.key)) {
        guard all[other.key] == .some(value) else {
          throw GalleryError(
            .invalidArgument,
            other.key == entry.key
              ? "The key “\(entry.key)” is there twice; give it one value."
              : "“\(other.key)” and “\(entry.key)” are one key; give it one value.")
        }
        all[other.key] = nil
      }
      all[entry.key] = .some(value)
    }
    return all
  }

  private static func normalised(_ text: String, _ what: String, _ limit: Int) throws(GalleryError) -> String
  {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
    guard text.utf8.count <= limit else {
      throw GalleryError(
        .invalidArgument,
        "The \(what) takes \(text.utf8.count) bytes and may take \(limit); choose a shorter one.")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw GalleryError(
        .invalidArgument, "The \(what) \"\(PrintableText.of(text))\" has control characters; leave them out.")
    }
    guard !PathText.hasUndecoded(text) else {
      throw GalleryError(
        .invalidArgument,
        "The \(what) \(text) has bytes that are not UTF-8 (those written as \\x); write it in UTF-8.")
    }
    return text
  }
}

/// Whose tags they are.
package enum TagOwner: Hashable, Sendable {
  case person(PersonID)
  case face(FaceID)
}

/// What a face, or its person, must be tagged with to be among the answers.
public struct TagCondition: Sendable, Hashable, CustomStringConvertible {
  /// The key.
  public var key: String
  /// The value; nil is any.
  public var value: String?

  /// A condition by its parts.
  public init(key: String, value: String? = nil) {
    self.key = key
    self.value = value
  }

  /// A condition as it is written on a command line: `key=value`, or `key` for any value. Nil when there is no key.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let key = parts.first, !key.isEmpty else { return nil }
    self.init(key: key, value: parts.count > 1 ? parts[1] : nil)
  }

  /// The condition as it is written on a command line.
  public var description: String { value.map { "\(key)=\($0)" } ?? key }
}
