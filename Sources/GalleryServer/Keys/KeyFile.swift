public import Foundation

/// The keys of a gallery, in the file `keys.json` of its folder.
///
/// Only the owner may read the file. It is replaced as a whole, so that a reader sees the old keys or the new ones,
/// and processes that change it wait for each other.
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

  /// The keys; none when there is no file.
  ///
  /// - Throws: ``KeyError`` `storage`.
  public func read() throws(KeyError) -> [KeyRecord] {
    do {
      return try JSONDecoder.keys.decode(Content.self, from: Data(contentsOf: url)).keys
    } catch CocoaError.fileReadNoSuchFile {
      return []
    } catch {
      throw KeyError(
        .storage,
        "The keys in \(url.path(percentEncoded: false)) cannot be read; restore the file, or remove it and make new "
          + "keys.")
    }
  }

  /// Makes a key.
  ///
  /// - Parameters:
  ///   - role: What it may do.
  ///   - label: What it is for.
  ///   - secret: A key that clients have already, at least 16 printable ASCII characters, of 64 bits by ``KeyStrength``; nil makes one of 256
  ///     random bits.
  /// - Returns: The record, and the key itself, which is stored nowhere.
  /// - Throws: ``KeyError``: `invalid`, `storage`.
  public func add(
    role: Role, label: String = "", secret: String? = nil
  ) throws(KeyError) -> (record: KeyRecord, secret: String) {
    let secret = secret ?? Self.freshSecret()
    guard (16...256).contains(secret.utf8.count), secret.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw KeyError(
        .invalid, "A key has 16 to 256 printable ASCII characters without blanks; let one be made.")
    }
    guard KeyStrength.bits(secret) >= KeyStrength.leastBits else {
      throw KeyError(
        .invalid,
        "The key could be found by trying: it repeats itself or has too few different characters. Let one be made."
      )
    }
    let record = KeyRecord(secret: secret, role: role, label: label)
    try change { (keys) throws(KeyError) in
      guard !keys.contains(where: { $0.matches(secret) }) else {
        throw KeyError(.invalid, "The gallery has this key already; revoke it first, or give another.")
      }
      keys.append(record)
    }
    return (record, secret)
  }

  /// Revokes a key by its name; servers notice at once.
  ///
  /// - Throws: ``KeyError``: `noSuchKey`, `storage`.
  public func revoke(_ id: KeyRecord.ID) throws(KeyError) {
    try change { (keys) throws(KeyError) in
      guard let index = keys.firstIndex(where: { $0.id == id }) else {
        throw KeyError(.noSuchKey, "There is no key \(id).")
      }
      keys.remove(at: index)
    }
  }

  private func change(_ body: (inout [KeyRecord]) throws(KeyError) -> Void) throws(KeyError) {
    let folder = open(url.deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_DIRECTORY)
    defer { if folder >= 0 { close(folder) } }
    guard folder >= 0, flock(folder, LOCK_EX) == 0 else { throw unwritable }
    var keys = try read()
    try body(&keys)
    do {
      let data = try JSONEncoder.keys.encode(Content(keys: keys))
      try replace(with: data)
      fsync(folder)
    } catch {
      throw unwritable
    }
  }

  private func replace(with data: Data) throws {
    let temporary = url.appendingPathExtension("new")
    let path = temporary.path(percentEncoded: false)
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { throw unwritable }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    try handle.synchronize()
    try handle.close()
    guard rename(path, url.path(percentEncoded: false)) == 0 else { throw unwritable }
  }

  private var unwritable: KeyError {
    KeyError(
      .storage,
      "The keys in \(url.path(percentEncoded: false)) cannot be written; check the folder's permissions and the disk."
    )
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
