/// The numbers that every change moves, one record of `meta`.
struct Counters: Hashable {
  /// Number of the last committed change.
  var sequence: UInt64 = 0
  /// The ``Change/tag`` of that change.
  var tag: UInt64 = 0
  /// The greatest number that a person was given.
  var lastPerson: UInt64 = 0
  /// The greatest number that a face was given.
  var lastFace: UInt64 = 0
  /// Changes up to this one have been taken from the log.
  var trimmed: UInt64 = 0

  init() {}

  var encoded: [UInt8] {
    var writer = ByteWriter()
    for value in [sequence, tag, lastPerson, lastFace, trimmed] { writer.integer(value) }
    writer.seal()
    return writer.bytes
  }

  /// Bytes without the checksum, which those of formats before 1.3 do not have.
  private static let length = 40

  /// Whether the record has a checksum.
  static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.count > length }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader =
      Self.isSealed(bytes) ? try ByteReader(sealed: Array(bytes.prefix(Self.length + 4))) : ByteReader(bytes)
    sequence = try reader.integer()
    tag = try reader.integer()
    lastPerson = try reader.integer()
    lastFace = try reader.integer()
    trimmed = try reader.integer()
  }
}
