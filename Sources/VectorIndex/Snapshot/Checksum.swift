/// The checksum of a snapshot's parts: 64 bits from eight independent lanes, at about memory speed.
///
/// Each step is a bijection of the lane, so any change within one word is found with certainty and any other with
/// probability 1 − 2⁻⁶⁴. `bytes` is a multiple of 64.
func checksum(_ start: UnsafeRawPointer, bytes: Int) -> UInt64 {
  let words = start.assumingMemoryBound(to: UInt64.self)
  let prime: UInt64 = 0x9FB2_1C65_1E98_DF25
  var a: UInt64 = 1
  var b: UInt64 = 2
  var c: UInt64 = 3
  var d: UInt64 = 4
  var e: UInt64 = 5
  var f: UInt64 = 6
  var g: UInt64 = 7
  var h: UInt64 = 8
  @inline(__always)
  func step(_ lane: UInt64, _ i: Int) -> UInt64 {
    let product = (lane ^ UInt64(littleEndian: words[i])) &* prime
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
  var sum = UInt64(bytes)
  for lane in [a, b, c, d, e, f, g, h] { sum = SplitMix.mix((sum ^ lane) &* prime) }
  return sum
}
