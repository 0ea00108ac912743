/// How far a copy that follows a server has come; it lies in the copy and moves with each of its commits.
struct ReplicaState: Hashable, Sendable {
  /// Where the truth is, as it may be shown.
  var server: String
  /// The commit up to which the copy follows; while it is being made, the one from which it will.
  var mark: CommitMark
  /// Whether the first copy was made to its end.
  var isComplete: Bool
  /// While it is being made: faces up to this one are copied.
  var copied: UInt64
  /// Whether it is made once, to be a gallery of its own when it is complete.
  var isOnce: Bool

  private static let version: UInt8 = 1

  init(server: String, isOnce: Bool = false) {
    self.server = server
    self.isOnce = isOnce
    (mark, isComplete, copied) = (.none, false, 0)
  }

  /// Sealed; docs/gallery-format.md has the fields.
  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    writer.integer(UInt8((isComplete ? 1 : 0) + (isOnce ? 2 : 0)))
    writer.integer(mark.number)
    writer.integer(mark.tag)
    writer.integer(copied)
    writer.text(server)
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let flags = try reader.integer(UInt8.self)
    (isComplete, isOnce) = (flags & 1 != 0, flags & 2 != 0)
    mark = CommitMark(number: try reader.integer(), tag: try reader.integer())
    copied = try reader.integer()
    server = try reader.text()
  }
}
