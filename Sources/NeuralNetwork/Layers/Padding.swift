/// What surrounds an image under a sliding window.
public enum Padding: Sendable, Hashable, Codable {
  /// Nothing: the window stays inside (Keras' `valid`).
  case valid
  /// As many places as give ⌈extent ∕ stride⌉ results, the odd one at the far end (Keras' `same`).
  case same
  /// A fixed number of places on each side, as dlib states it.
  case symmetric(vertical: Int, horizontal: Int)
  /// As `same`, the odd place before the image (ONNX's `SAME_LOWER`).
  case sameLower
  /// A number of places for each side.
  case sides(top: Int, left: Int, bottom: Int, right: Int)
  /// As `sides`, and as many places more at the far ends as the last window lacks (ONNX's `ceil_mode`).
  case completed(top: Int, left: Int, bottom: Int, right: Int)

  /// The places before and after one axis.
  func places(extent: Int, window: Int, stride: Int, vertical: Bool) -> (before: Int, after: Int) {
    switch self {
    case .valid: return (0, 0)
    case .symmetric(let rows, let columns): return vertical ? (rows, rows) : (columns, columns)
    case .same, .sameLower:
      let results = (extent + stride - 1) / stride
      let total = max((results - 1) * stride + window - extent, 0)
      return self == .same ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
    case .sides(let top, let left, let bottom, let right):
      return vertical ? (top, bottom) : (left, right)
    case .completed(let top, let left, let bottom, let right):
      let (before, after) = vertical ? (top, bottom) : (left, right)
      let rest = extent + before + after - window
      guard rest >= 0 else { return (before, after) }
      var results = (rest + stride - 1) / stride + 1
      // A window that would begin behind the image is none.
      if (results - 1) * stride >= extent + before { results -= 1 }
      return (before, max((results - 1) * stride + window - extent - before, 0))
    }
  }
}
