internal import Foundation

/// What a gallery writes into the snapshot of its index: whose it is and what it holds.
struct SnapshotLabel: Hashable {
  static let magic = Array("FGIX".utf8)
  static let version: UInt16 = 1

  let gallery: UUID
  /// Digest of the engine's fingerprint, hexadecimal.
  let engine: String
  /// The last change that the index holds.
  let sequence: UInt64
  /// The tag of that change.
  let tag: UInt64

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.integer(Self.version)
    writer.raw(gallery.bytes)
    writer.integer(sequence)
    writer.integer(tag)
    writer.text(engine)
    return writer.bytes
  }

  init(gallery: UUID, engine: String, sequence: UInt64, tag: UInt64) {
    self.gallery = gallery
    self.engine = engine
    self.sequence = sequence
    self.tag = tag
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    guard Array(try reader.raw(4)) == Self.magic, try reader.integer(UInt16.self) == Self.version else {
      throw ByteReader.Malformed()
    }
    gallery = UUID(bytes: Array(try reader.raw(16)))
    sequence = try reader.integer()
    tag = try reader.integer()
    engine = try reader.text()
  }
}
