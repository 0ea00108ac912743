/// What a plan runs for one step, for `galleryctl doctor` and the benchmarks.
public struct LayerDescription: Sendable, Hashable {
  /// The layers that the step computes, in order.
  public let layers: [String]
  /// The kernel, such as `winograd 4×4 avx512`.
  public let kernel: String
  /// The shape of the result for one image.
  public let output: ActivationShape
  /// Floating-point operations for one image, as the layer's definition counts them.
  public let operations: Double
}
