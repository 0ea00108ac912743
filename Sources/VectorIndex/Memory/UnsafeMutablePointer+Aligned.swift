extension UnsafeMutablePointer where Pointee: FixedWidthInteger {
  /// Zeroed memory that starts at a cache line.
  static func aligned(count: Int) -> Self {
    let p = raw(count)
    p.initialize(repeating: 0, count: count)
    return p
  }
}

extension UnsafeMutablePointer where Pointee: BinaryFloatingPoint {
  /// Zeroed memory that starts at a cache line.
  static func aligned(count: Int) -> Self {
    let p = raw(count)
    p.initialize(repeating: 0, count: count)
    return p
  }
}

extension UnsafeMutablePointer {
  fileprivate static func raw(_ count: Int) -> Self {
    UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Pointee>.stride, alignment: 64)
      .bindMemory(to: Pointee.self, capacity: count)
  }
}
