internal import Foundation

/// What `persons` holds about a person; docs/gallery-format.md has the bytes.
struct PersonRecord: Hashable {
  var name: String
  var created: Date
  /// Fields of newer versions, kept when the record is written again.
  var rest: [UInt8] = []

  /// Version 1 had no checksum.
  static let version: UInt8 = 2

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    writer.integer(created.milliseconds)
    writer.text(name)
    writer.raw(rest)
    writer.seal()
    return writer.bytes
  }

  init(name: String, created: Date) {
    self.name = name
    self.created = created
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    created = Date(milliseconds: try reader.integer())
    name = try reader.text()
    rest = reader.rest()
  }
}

extension Date {
  /// Milliseconds since the start of 1970, UTC.
  var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

  init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

  /// The time now, to the millisecond, as it will be read back.
  static var storable: Date { Date(milliseconds: Date.now.milliseconds) }
}
