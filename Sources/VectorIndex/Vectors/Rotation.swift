/// A pseudo-random rotation: sign flips and Walsh–Hadamard transforms, O(d log d).
///
/// It spreads every vector's length evenly over its components, so that one quantiser fits any data. Dimensions
/// that are no power of two alternate transforms of the leading and the trailing power-of-two block, as in
/// Ailon & Chazelle's fast Johnson–Lindenstrauss transform and RaBitQ's rotator.
struct Rotation: Sendable {
  let dimension: Int
  private let block: Int
  private let signs: [[Float]]

  init(dimension: Int, seed: UInt64) {
    self.dimension = dimension
    var block = 1
    while block * 2 <= dimension { block *= 2 }
    self.block = block
    var random = SplitMix(seed: seed)
    signs = (0..<(block == dimension ? 1 : 4)).map { _ in
      (0..<dimension).map { _ in random.next() & 1 == 0 ? 1 : -1 }
    }
  }

  /// Rotates the vector at `v` in place.
  func apply(_ v: UnsafeMutablePointer<Float>) {
    let norm = 1 / Float(block).squareRoot()
    for (round, signs) in signs.enumerated() {
      let start = v + (round & 1 == 0 ? 0 : dimension - block)
      signs.withUnsafeBufferPointer { signs in
        for i in 0..<signs.count { v[i] *= signs[i] }
      }
      var half = 1
      while half < block {
        var i = 0
        while i < block {
          for j in i..<(i + half) {
            let a = start[j]
            let b = start[j + half]
            start[j] = a + b
            start[j + half] = a - b
          }
          i += 2 * half
        }
        half *= 2
      }
      for i in 0..<block { start[i] *= norm }
    }
  }
}
