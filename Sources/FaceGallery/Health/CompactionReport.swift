/// What a compaction gave back.
public struct CompactionReport: Sendable, Hashable, Codable {
  /// Bytes of database and snapshot before.
  public let bytesBefore: Int
  /// Bytes of database and snapshot afterwards.
  public let bytesAfter: Int
}
