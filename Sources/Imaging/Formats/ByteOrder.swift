extension UnsafeBufferPointer<UInt8> {
  /// An unsigned number of up to eight bytes, the highest first; nil when it does not lie within the bytes, or is beyond `Int`.
  func big(_ size: Int, at offset: Int) -> Int? {
    guard offset >= 0, offset <= count - size else { return nil }
    return Int(exactly: (0..<size).reduce(UInt64(0)) { $0 << 8 | UInt64(self[offset + $1]) })
  }

  /// An unsigned number of up to eight bytes, the lowest first; nil when it does not lie within the bytes, or is beyond `Int`.
  func little(_ size: Int, at offset: Int) -> Int? {
    guard offset >= 0, offset <= count - size else { return nil }
    return Int(exactly: (0..<size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(self[offset + $1]) })
  }
}
