/// What surrounds an image under a sliding window.
public enum Padding: Sendable, Hashable, Codable {
  /// Nothing: the window stays inside (Keras' `valid`).
  case valid
  /// As many places as give ⌈extent ∕ stride⌉ results, the odd one at the far end (Keras' `same`).
  case same
  /// A fixed number of places on each side, as dlib states it.
  case symmetric(vertical: Int, horizontal: Int)

  /// The places before and after one axis.
  func places(extent: Int, window: Int, stride: Int, vertical: Bool) -> (before: Int, after: Int) {
    switch self {
    case .valid: return (0, 0)
    case .symmetric(let rows, let columns): return vertical ? (rows, rows) : (columns, columns)
    case .same:
      let results = (extent + stride - 1) / stride
      let total = max((results - 1) * stride + window - extent, 0)
      return (total / 2, total - total / 2)
    }
  }
}
