internal import Foundation
internal import GalleryStore
internal import Support

/// What earlier runs found out about photo files, so that files that have not changed are not read again: a file in the gallery's folder,
/// which may be deleted at any time.
///
/// A file counts as unchanged while size, times of last change and inode are the same, as for `git`.
struct PhotoCache {
  /// What is known of a file.
  struct Entry: Hashable, Sendable {
    let status: InputFile.Status
    let digests: PhotoDigests
    /// Why it was not enrolled, when it was not.
    var refusal: KnownRefusal?
  }

  /// A refusal, and with which engine and options it came about: with others the photo is tried again.
  struct KnownRefusal: Hashable, Sendable {
    let context: UInt32
    let kind: String
    let sentence: String
  }

  /// What is known of a file, and its path.
  typealias Known = (path: String, entry: Entry)

  private(set) var entries: [PathBytes: Known] = [:]
  private let path: String
  private var hasChanged = false

  /// The name of the file in the gallery's folder.
  private static let name = "photos.cache"
  private static let magic = Array("FGphotos3\n".utf8)
  /// How files of earlier versions begin, which took fewer formats apart.
  private static let earlierMagic = Array("FGphotos2\n".utf8)

  /// Reads the cache in a gallery's folder; one that is not there or not what was written is empty, and one of no folder stays so.
  init(in gallery: URL?) {
    path =
      gallery?.appending(path: Self.name, directoryHint: .notDirectory).path(percentEncoded: false) ?? ""
    guard !path.isEmpty, let data = try? InputFile.read(path),
      data.starts(with: Self.magic) || data.starts(with: Self.earlierMagic),
      let entries = try? Self.decode(Array(data))
    else { return }
    self.entries = entries
  }

  /// What is known of a file as it is now; nil when it has changed.
  func entry(_ path: String, _ status: InputFile.Status) -> Entry? {
    guard let entry = entries[PathBytes(path)]?.entry, entry.status == status else { return nil }
    return entry
  }

  /// Notes what was found; nil forgets the file.
  mutating func note(_ entry: Entry?, of path: String) {
    // The record of a text has two bytes for its length.
    let key = PathBytes(path)
    guard entries[key]?.entry != entry, path.utf8.count <= StoredFace.maximumPathBytes else { return }
    // One that was just written might be written again within the same tick of the clock.
    if let entry, Self.now - max(entry.status.modified, entry.status.changed) < Self.settlingTime {
      hasChanged = entries.removeValue(forKey: key) != nil || hasChanged
      return
    }
    entries[key] = entry.map { (path, $0) }
    hasChanged = true
  }

  /// Writes what was noted.
  mutating func save() throws(SystemError) {
    guard hasChanged, !path.isEmpty else { return }
    // What is no file would be written to straight, and a pipe never be read.
    if let kind = try? InputFile.kind(of: path), kind != .file {
      throw SystemError("be written", path, code: kind == .folder ? EISDIR : ESPIPE)
    }
    let file = try ReplacementFile(path)
    let bytes = encoded
    let written = bytes.withUnsafeBytes { buffer in
      Result { () throws(SystemError) in try file.write(buffer, at: 0) }
    }
    try written.get()
    try file.commit()
    hasChanged = false
  }

  /// Removes the cache of a gallery; without it the next run reads all photos.
  static func remove(in gallery: URL) {
    Folder.remove(gallery.appending(path: name, directoryHint: .notDirectory).path(percentEncoded: false))
  }

  /// Two seconds, the coarsest clock of a file system that is in use.
  private static let settlingTime: Int64 = 2_000_000_000

  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.integer(UInt64(entries.count))
    for (path, entry) in entries.values {
      writer.text(path)
      writer.integer(entry.status.size)
      writer.integer(entry.status.modified)
      writer.integer(entry.status.changed)
      writer.integer(entry.status.inode)
      writer.raw(entry.digests.picture.bytes)
      writer.integer((entry.digests.file == nil ? 0 : 1) + (entry.refusal == nil ? 0 : 2) as UInt8)
      if let file = entry.digests.file { writer.raw(file.bytes) }
      if let refusal = entry.refusal {
        writer.integer(refusal.context)
        writer.text(refusal.kind)
        writer.text(String(refusal.sentence.prefix(500)))
      }
    }
    writer.seal()
    return writer.bytes
  }

  private static func decode(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> [PathBytes: Known] {
    var reader = try ByteReader(sealed: bytes)
    let isOfEarlier = !reader.skip(magic)
    if isOfEarlier { _ = reader.skip(earlierMagic) }
    var entries: [PathBytes: Known] = [:]
    let count: UInt64 = try reader.integer()
    for _ in 0..<count {
      let path = try reader.text()
      let status = InputFile.Status(
        size: try reader.integer(), modified: try reader.integer(), changed: try reader.integer(),
        inode: try reader.integer())
      let picture = try reader.digest()
      let parts: UInt8 = try reader.integer()
      let file = parts & 1 == 0 ? nil : try reader.digest()
      var entry = Entry(status: status, digests: PhotoDigests(picture: picture, file: file))
      if parts & 2 != 0 {
        entry.refusal = KnownRefusal(
          context: try reader.integer(), kind: try reader.text(), sentence: try reader.text())
      }
      // A picture that was a whole file may be a part of it by now.
      if !isOfEarlier || file != nil { entries[PathBytes(path)] = (path, entry) }
    }
    return entries
  }
}

extension ByteReader {
  fileprivate mutating func digest() throws(Malformed) -> PhotoDigest {
    guard let digest = PhotoDigest(bytes: Array(try raw(PhotoDigest.byteCount))) else { throw Malformed() }
    return digest
  }
}
