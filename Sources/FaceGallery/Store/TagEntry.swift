internal import Foundation

/// A key and a value as the gallery keeps them: trimmed, in Unicode normalisation form C, without control characters.
struct TagEntry: Hashable {
  static let maximumKeyBytes = 100
  static let maximumValueBytes = 400

  let key: String
  let value: String

  /// - Throws: ``GalleryError`` with code `invalidArgument`.
  init(_ key: String, _ value: String) throws(GalleryError) {
    self.key = try Self.normalised(key, "key", Self.maximumKeyBytes)
    self.value = try Self.normalised(value, "value", Self.maximumValueBytes)
    guard !self.key.isEmpty, !self.key.contains("=") else {
      throw GalleryError(.invalidArgument, "The key “\(key)” is empty or has a “=”; choose another one.")
    }
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
        .invalidArgument, "The \(what) \(text.debugDescription) has control characters; leave them out.")
    }
    return text
  }
}

/// Whose metadata it is.
enum TagOwner: Hashable {
  case person(PersonID)
  case face(FaceID)

  var kind: UInt8 {
    switch self {
    case .person: 1
    case .face: 2
    }
  }

  var number: UInt64 {
    switch self {
    case .person(let id): id.rawValue
    case .face(let id): id.rawValue
    }
  }

  /// What the keys of `metadata` begin with: the kind, and the number, big-endian.
  var prefix: [UInt8] { withUnsafeBytes(of: number.bigEndian) { [kind] + Array($0) } }

  /// The owner and the key that a key of `metadata` names; nil when it is none.
  static func decode(_ bytes: [UInt8]) -> (owner: TagOwner, key: String)? {
    guard bytes.count > 9, let key = String(validating: bytes[9...], as: UTF8.self) else { return nil }
    let number = bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
    switch bytes[0] {
    case 1: return (.person(PersonID(rawValue: number)), key)
    case 2: return (.face(FaceID(rawValue: number)), key)
    default: return nil
    }
  }
}
