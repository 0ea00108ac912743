internal import CVectorKernels
internal import Glibc

/// What vectors of one index look like in memory and how they are compared.
///
/// Every distance inside the index is "smaller is closer": the negated inner product, or the squared distance.
struct Space: Sendable {
  let dimension: Int
  let metric: Metric
  /// Floats from one row to the next: the dimension, padded with zeros to whole cache lines.
  let stride: Int
  /// 64-byte blocks of a 4-bit code, or 0 where rows are so short that traversal reads the floats themselves.
  let blocks: Int
  let rotation: Rotation
  let kernels: Kernels

  /// Width of a quantisation step for a component of unit variance; minimises the squared error of 16 levels.
  private static let step: Float = 0.335

  init(dimension: Int, metric: Metric, seed: UInt64) {
    self.dimension = dimension
    self.metric = metric
    stride = (dimension + 15) / 16 * 16
    blocks = dimension <= 64 ? 0 : (dimension + 127) / 128
    rotation = Rotation(dimension: dimension, seed: seed)
    kernels = Kernels.active
    assert(stride % 16 == 0 && stride >= dimension && (blocks == 0 || stride <= blocks * 128))
  }

  var codeBytes: Int { blocks * Int(CVK_CODE_BLOCK) }
  var usesCodes: Bool { blocks > 0 }

  /// Width of the quantisation steps of a vector of this length.
  func step(norm: Float) -> Float { norm * Self.step / Float(dimension).squareRoot() }

  /// The distance of two rows of ``stride`` floats.
  func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    metric == .squaredDistance ? kernels.squaredDistance(a, b, stride) : -kernels.dot(a, b, stride)
  }

  /// Distances of `query`, a row of ``stride`` floats, to the rows named by `ids`; `out` has room for `count`.
  func distances(
    _ query: UnsafePointer<Float>, rows: UnsafePointer<Float>, ids: UnsafePointer<UInt32>, count: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    if metric == .squaredDistance {
      kernels.squaredDistanceRows(query, rows, stride, stride, ids, count, out)
    } else {
      kernels.dotRows(query, rows, stride, stride, ids, count, out)
      for i in 0..<count { out[i] = -out[i] }
    }
  }

  /// Whether one of the rows named by `ids` is closer to `query` than `distance`.
  func isCloser(
    _ query: UnsafePointer<Float>, rows: UnsafePointer<Float>, ids: UnsafePointer<UInt32>, count: Int,
    than distance: Float
  ) -> Bool {
    metric == .squaredDistance
      ? kernels.anySquaredDistanceBelow(query, rows, stride, stride, ids, count, distance) != 0
      : kernels.anyDotAbove(query, rows, stride, stride, ids, count, -distance) != 0
  }

  /// The score that callers see for an internal distance, and the other way round.
  func score(_ distance: Float) -> Float { metric == .squaredDistance ? distance : -distance }
  func distance(score: Float) -> Float { metric == .squaredDistance ? score : -score }
}
