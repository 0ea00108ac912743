/// An estimate of what each kernel takes for a convolution, by which one is chosen.
///
/// A kernel multiplies at some rate, waits for weights that are not near, and transforms tiles. The rates are those of
/// one core, measured; only their ratios matter, and the choice depends on nothing but shapes, so that it is the same
/// on every run.
struct ConvolutionCost {
  /// The tile of Winograd's kernel, 2 or 4, or nil for the direct kernel.
  let bestTile: Int?

  /// Multiplications and additions a nanosecond.
  private static let rate = 200.0
  /// Bytes of weights a nanosecond.
  private static let bandwidth = 45.0
  /// Nanoseconds a value that a transform touches, in blocks of sixteen.
  private static let transform = 1.0

  init(_ layer: Convolution, height: Int, width: Int, batch: Int, block: Int, isHalf: Bool) {
    let window = layer.window
    guard window.height == 3, window.width == 3, window.strideY == 1, window.strideX == 1 else {
      bestTile = nil
      return
    }
    let pairs = Double(layer.inputChannels * layer.outputChannels)
    var best = (
      tile: Int?.none,
      cost: Double(18 * height * width * batch) * pairs / Self.rate + 36 * pairs / Self.bandwidth
    )
    for tile in [2, 4] {
      let planes = Double((tile + 2) * (tile + 2))
      let tiles = Double(batch * ((height + tile - 1) / tile) * ((width + tile - 1) / tile))
      let speed = isHalf ? 2.0 : 1.0
      let depth = Double((layer.inputChannels + layer.outputChannels) / block)
      let cost =
        planes * pairs * (2 * tiles / (Self.rate * speed) + 4 / (Self.bandwidth * speed))
        + tiles * depth * planes * Self.transform
      if cost < best.cost { best = (tile, cost) }
    }
    bestTile = best.tile
  }
}
