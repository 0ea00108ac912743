internal import Foundation

/// A person's record as `persons` holds it; docs/gallery-format.md has the bytes.
struct EncodedPerson: Hashable {
  var record: StoredPerson
  /// Fields of newer versions, kept when the record is written again.
  var rest: [UInt8] = []

  /// Version 1 had no checksum.
  static let version: UInt8 = 2

  /// What stands before the number of the chosen face. A program of format 1.2 may have left a checksum in its place.
  private static let pictureTag = Array("PIC:".utf8)

  init(_ record: StoredPerson) { self.record = record }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    writer.integer(record.created.milliseconds)
    writer.text(record.name)
    if let picture = record.picture {
      writer.raw(Self.pictureTag)
      writer.integer(picture.rawValue)
    }
    writer.raw(rest)
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let created = Date(milliseconds: try reader.integer())
    record = StoredPerson(name: try reader.text(), created: created)
    // Records of people without one have no such field, as all did before format 1.7.
    if reader.skip(Self.pictureTag) { record.picture = FaceID(rawValue: try reader.integer()) }
    rest = reader.rest()
  }
}
