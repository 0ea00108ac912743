public import Foundation
internal import Support

/// The keys of a gallery, in the file `keys.json` of its folder.
///
/// Only the owner may read the file. It is replaced as a whole, so that a reader sees the old keys or the new ones,
/// and processes that change it wait for each other, for a minute at most.
public struct KeyFile: Sendable {
  /// The file.
  public let url: URL

  /// The file of the gallery in a folder; it need not exist yet.
  public init(gallery folder: URL) {
    url = folder.appending(path: "keys.json", directoryHint: .notDirectory)
  }

  private struct Content: Codable {
    var version = 1
    var keys: [KeyRecord] = []
  }

  /// The most bytes that are read.
  private static let maximumBytes = 64 << 20

  /// So many keys a gallery may have: every request is compared with all of them.
  static let most = 1_000
  /// So many characters, by Unicode's code points, a label may have.
  static let longestLabel = 100

  /// How long to wait for others who are changing the keys.
  private static let patience = Duration.seconds(60)

  private var path: String { url.path(percentEncoded: false) }
  private var folder: String { url.deletingLastPathComponent().path(percentEncoded: false) }

  /// The keys; none when there is no file.
  ///
  /// - Throws: ``KeyError``: `unreadable`, `damaged`, `exposed`.
  public func read() throws(KeyError) -> [KeyRecord] {
    let data: Data
    do throws(SystemError) {
      data = try InputFile.read(path, limit: Self.maximumBytes)
    } catch {
      if error.code == ENOENT { return [] }
      throw KeyError(.unreadable, error.description)
    }
    if let mode = FileMode.of(path), mode & 0o002 != 0 {
      throw KeyError(
        .exposed,
        "Everybody may write to \(path), and so add keys; look at them, then take that right away: chmod o-w."
      )
    }
    guard let content = try? JSONDecoder.keys.decode(Content.self, from: data) else {
      throw KeyError(.damaged, "\(path) is damaged: it is not the JSON of a file of keys.")
    }
    guard content.version == Content().version else {
      throw KeyError(
        .damaged, "\(path) is of version \(content.version), which this program does not know.")
    }
    return content.keys
  }

  /// Makes a key.
  ///
  /// - Parameters:
  ///   - role: What it may do.
  ///   - label: What it is for, at most 100 characters and no control characters.
  ///   - asker: The name of the key by which it is asked for; nil for who may change the file.
  ///   - secret: A key that clients have already, 16 to 256 printable ASCII characters, of 64 bits by ``KeyStrength``; nil makes
  ///     one of 256 random bits.
  ///   - warn: Is told when the file is in place, but it is not known whether it would be after a power cut.
  ///   - noting: Is told of the key before it counts, as for a log; what it throws is thrown, and there is no key.
  /// - Returns: The record, and the key itself, which is stored nowhere.
  /// - Throws: ``KeyError``: `unusable`, `weak`, `taken`, `full`, `revoked`, `unwritable`, and as ``read()``.
  public func add(
    role: Role, label: String = "", by asker: KeyRecord.ID? = nil, secret: String? = nil,
    warn: (String) -> Void = { _ in }, noting: (KeyRecord) throws -> Void = { _ in }
  ) throws(KeyError) -> (record: KeyRecord, secret: String) {
    guard label.unicodeScalars.count <= Self.longestLabel,
      !label.unicodeScalars.contains(where: CharacterSet.controlCharacters.contains)
    else {
      throw KeyError(
        .unusable,
        "The label of a key has at most \(Self.longestLabel) characters, and none that controls a terminal.")
    }
    let secret = secret ?? Self.freshSecret()
    try KeyStrength.check(secret)
    let record = KeyRecord(secret: secret, role: role, label: label)
    try change(by: asker, warn) { (keys) throws(KeyError) in
      guard keys.count < Self.most else {
        throw KeyError(.full, "The gallery has \(Self.most) keys; revoke those that nobody uses first.")
      }
      guard !keys.contains(where: { $0.matches(secret) }) else {
        throw KeyError(.taken, "The gallery has this key already.")
      }
      try Self.note(record, noting)
      keys.append(record)
    }
    return (record, secret)
  }

  /// Revokes a key by its name; servers notice at once.
  ///
  /// - Parameters:
  ///   - id: The key's name.
  ///   - asker: The name of the key by which it is asked for; nil for who may change the file.
  ///   - warn: Is told when the file is in place, but it is not known whether it would be after a power cut.
  ///   - noting: Is told of the key before it ends, as for a log; what it throws is thrown, and the key stays.
  /// - Returns: What the key was.
  /// - Throws: ``KeyError``: `noSuchKey`, `revoked`, `unwritable`, and as ``read()``.
  @discardableResult
  public func revoke(
    _ id: KeyRecord.ID, by asker: KeyRecord.ID? = nil, warn: (String) -> Void = { _ in },
    noting: (KeyRecord) throws -> Void = { _ in }
  ) throws(KeyError) -> KeyRecord {
    try change(by: asker, warn) { (keys) throws(KeyError) -> KeyRecord in
      guard let index = keys.firstIndex(where: { $0.id == id }) else {
        throw KeyError(.noSuchKey, "There is no key \(id).")
      }
      try Self.note(keys[index], noting)
      return keys.remove(at: index)
    }
  }

  private static func note(
    _ record: KeyRecord, _ noting: (KeyRecord) throws -> Void
  ) throws(KeyError) {
    do {
      try noting(record)
    } catch {
      throw KeyError(.unwritable, "The keys stay as they are, since the change cannot be noted: \(error)")
    }
  }

  private func change<Result>(
    by asker: KeyRecord.ID?, _ warn: (String) -> Void, _ body: (inout [KeyRecord]) throws(KeyError) -> Result
  ) throws(KeyError) -> Result {
    do {
      guard let lock = try FileLock.take(folder, patience: Self.patience, creating: false) else {
        throw KeyError(.unwritable, "Another program has been changing \(path) for a minute.")
      }
      defer { withExtendedLifetime(lock) {} }
      var keys = try read()
      if let asker, !keys.contains(where: { $0.id == asker }) {
        throw KeyError(.revoked, "The key was revoked while the request was on its way.")
      }
      let result = try body(&keys)
      Leftovers.clear(of: path)
      let file = try ReplacementFile(path)
      try file.write(try JSONEncoder.keys.encode(Content(keys: keys)), at: 0)
      do {
        try file.commit()
      } catch {
        // Once the file is in place, the keys in it count.
        guard access(file.temporaryPath, F_OK) != 0 else { throw error }
        warn(
          "The keys are changed, but their folder could not be synchronised: after a power cut the old ones may be there again. "
            + error.description)
      }
      return result
    } catch let error as KeyError {
      throw error
    } catch let error as SystemError {
      throw KeyError(.unwritable, error.description)
    } catch {
      throw KeyError(.unwritable, "The keys cannot be written as JSON.")
    }
  }

  private static func freshSecret() -> String {
    var random = SystemRandomNumberGenerator()
    let bytes = Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    let text = bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
    return "fg_" + text
  }
}

extension JSONDecoder {
  fileprivate static var keys: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}

extension JSONEncoder {
  fileprivate static var keys: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
