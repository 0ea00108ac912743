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

  /// Rotates the vector of ``dimension`` floats at `v` in place.
  func apply(_ v: UnsafeMutablePointer<Float>, _ kernels: Kernels = .active) {
    let norm = 1 / Float(block).squareRoot()
    for (round, signs) in signs.enumerated() {
      kernels.rotate(v, signs, dimension, round & 1 == 0 ? 0 : dimension - block, block, norm)
    }
  }
}
