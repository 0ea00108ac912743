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
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    sequence = try reader.integer()
    tag = try reader.integer()
    lastPerson = try reader.integer()
    lastFace = try reader.integer()
    trimmed = try reader.integer()
  }
}
