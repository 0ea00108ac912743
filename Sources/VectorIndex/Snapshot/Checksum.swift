/// The checksum of a snapshot's parts: 64 bits from eight independent lanes, at about memory speed.
///
/// Each step is a bijection of the lane, so any change within one word is found with certainty and any other with
/// probability 1 − 2⁻⁶⁴.
struct Checksum {
  private static let prime: UInt64 = 0x9FB2_1C65_1E98_DF25
  private var lanes: SIMD8<UInt64> = [1, 2, 3, 4, 5, 6, 7, 8]
  private var count = 0

  /// Takes in the next bytes, a multiple of 64.
  mutating func update(_ start: UnsafeRawPointer, bytes: Int) {
    let words = start.assumingMemoryBound(to: UInt64.self)
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    var (e, f, g, h) = (lanes[4], lanes[5], lanes[6], lanes[7])
    @inline(__always)
    func step(_ lane: UInt64, _ i: Int) -> UInt64 {
      let product = (lane ^ UInt64(littleEndian: words[i])) &* Self.prime
      return product << 29 | product >> 35
    }
    for i in stride(from: 0, to: bytes / 8, by: 8) {
      a = step(a, i)
      b = step(b, i + 1)
      c = step(c, i + 2)
      d = step(d, i + 3)
      e = step(e, i + 4)
      f = step(f, i + 5)
      g = step(g, i + 6)
      h = step(h, i + 7)
    }
    lanes = [a, b, c, d, e, f, g, h]
    count += bytes
  }

  /// The checksum of all that was taken in.
  var value: UInt64 {
    var sum = UInt64(count)
    for lane in lanes.indices { sum = SplitMix.mix((sum ^ lanes[lane]) &* Self.prime) }
    return sum
  }
}

/// The checksum of bytes that lie together; `bytes` is a multiple of 64.
func checksum(_ start: UnsafeRawPointer, bytes: Int) -> UInt64 {
  var sum = Checksum()
  sum.update(start, bytes: bytes)
  return sum.value
}
