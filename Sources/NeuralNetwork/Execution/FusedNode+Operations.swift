extension FusedNode {
  /// Floating-point operations for one image; a multiplication and an addition count as two.
  func operations(inputs: [ActivationShape]) -> Double {
    let results = Double(shape.count)
    switch operation {
    case .convolution(let layer):
      return 2 * results * Double(layer.window.height * layer.window.width * layer.kernel.shape[2])
    case .dense(let layer): return 2 * results * Double(layer.inputs)
    case .affine: return 2 * results
    case .pooling(let layer): return results * Double(layer.window.height * layer.window.width)
    case .addition: return results
    case .globalAverage: return Double(inputs.first?.count ?? 0)
    case .activation: return results
    case .tensor(let operation):
      return operation.kind == .product ? 2 * results * Double(inputs.first?.extents.last ?? 0) : results
    case .flatten, .flattenChannelsFirst, .zeroPadding, .layout, .selection, .rows: return 0
    }
  }
}
