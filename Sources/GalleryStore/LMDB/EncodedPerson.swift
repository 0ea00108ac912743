internal import Foundation

/// A person's record as `persons` holds it; docs/gallery-format.md has the bytes.
struct EncodedPerson: Hashable {
  var record: StoredPerson
  /// Fields of newer versions, kept when the record is written again.
  var rest: [UInt8] = []

  /// Version 1 had no checksum.
  static let version: UInt8 = 2

  init(_ record: StoredPerson) { self.record = record }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    writer.integer(record.created.milliseconds)
    writer.text(record.name)
    writer.raw(rest)
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let created = Date(milliseconds: try reader.integer())
    record = StoredPerson(name: try reader.text(), created: created)
    rest = reader.rest()
  }
}
