internal import FaceEngine
internal import Foundation
internal import LMDB
internal import Support

/// A stage in LMDB, in a folder of its own in the gallery's.
final class LMDBEmbeddingStage: EmbeddingStage {
  private static let folderName = "reembedding"
  private static let ownerKey = "owner"

  /// Bytes of the checksum at the end of a value.
  private static let checksumBytes = 4

  private let environment: Environment
  private let vectors: Database<UInt64, [UInt8]>
  private let lock: Int32

  /// Opens the stage in a gallery's folder, or makes it; one that was begun for another engine is emptied, and a damaged one
  /// is begun anew.
  ///
  /// - Throws: ``GalleryError`` with code `inUse` while another process fills it.
  init(in gallery: URL, of uuid: UUID, for engine: EngineFingerprint) throws {
    let path = Self.path(in: gallery)
    if mkdir(path, FileMode.folder) != 0, errno != EEXIST { throw LMDBError(rawValue: errno) }
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(rawValue: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw GalleryError(
        .inUse, "Another process is already embedding the gallery's photos anew; wait for it, or end it.")
    }
    do {
      let owner = "\(uuid) \(engine.digest)"
      do {
        (environment, vectors) = try Self.open(path, for: owner)
      } catch  where (GalleryError(ofStore: error) ?? error as? GalleryError)?.isDamage == true {
        // Nobody else has it: what it held is made again.
        for name in try Folder.names(in: path).valid { Folder.remove("\(path)/\(name)") }
        (environment, vectors) = try Self.open(path, for: owner)
      }
    } catch {
      close(descriptor)
      throw error
    }
    lock = descriptor
  }

  private static func open(
    _ path: String, for owner: String
  ) throws -> (Environment, Database<UInt64, [UInt8]>) {
    let environment = try Environment(path: path)
    let owner = Array(owner.utf8)
    let (head, vectors) = try environment.openDatabases(creating: true) { opener in
      (
        try opener.database("head", key: String.self, value: [UInt8].self),
        try opener.database("vectors", key: UInt64.self, value: [UInt8].self)
      )
    }
    try environment.read(ahead: true) { try $0.verifyPages() }
    try environment.write { transaction in
      guard try transaction.value(for: ownerKey, in: head) != owner else { return }
      try transaction.removeAll(from: vectors)
      try transaction.put(owner, for: ownerKey, in: head)
    }
    return (environment, vectors)
  }

  deinit { close(lock) }

  func put(_ entries: [StagedEmbedding]) throws {
    guard !entries.isEmpty else { return }
    try environment.write { [vectors] transaction in
      for entry in entries {
        let value = Self.proof(of: entry.record) + VectorBytes.encode(entry.embedding.values)
        let checksum = Self.checksum(of: value, for: entry.face)
        try transaction.put(value + checksum, for: entry.face.rawValue, in: vectors)
      }
    }
  }

  func read<Result>(_ body: ((FaceID, StoredFace) throws -> [UInt8]?) throws -> Result) throws
    -> Result
  {
    try environment.read { [vectors] transaction in
      try body { face, record in
        try transaction.withBytes(for: face.rawValue, in: vectors) { bytes in
          guard let bytes else { return nil }
          let proof = Self.proof(of: record)
          let entry = bytes.withUnsafeBytes { Array($0) }
          let value = Array(entry.dropLast(Self.checksumBytes))
          guard value.starts(with: proof),
            entry.suffix(Self.checksumBytes).elementsEqual(Self.checksum(of: value, for: face))
          else { return nil }
          return Array(value.dropFirst(proof.count))
        }
      }
    }
  }

  /// The checksum of what is kept for a face: without one, a flipped bit would be sealed as what was written.
  private static func checksum(of value: [UInt8], for face: FaceID) -> [UInt8] {
    var number = ByteWriter()
    number.integer(face.rawValue)
    var writer = ByteWriter()
    writer.integer(CRC32C.of(number.bytes + value))
    return writer.bytes
  }

  private static func proof(of record: StoredFace) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(record.photo?.bytes ?? [])
    writer.integer(record.added.milliseconds)
    return writer.bytes
  }

  private static func path(in gallery: URL) -> String {
    gallery.appending(path: folderName, directoryHint: .notDirectory).path(percentEncoded: false)
  }

  /// Removes what an interrupted run has left, for those who know that nobody fills it.
  static func remove(in gallery: URL) {
    Folder.remove(path(in: gallery))
  }
}
