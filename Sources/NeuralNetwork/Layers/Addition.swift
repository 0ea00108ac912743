/// The sum of two activations.
public struct Addition: Sendable, Hashable {
  /// Whether activations of different shapes are padded with zeros at the far ends to the larger extents, as dlib's
  /// `add_prev` does; without it the shapes must be equal.
  public var paddingWithZeros: Bool

  /// Makes an addition.
  public init(paddingWithZeros: Bool = false) {
    self.paddingWithZeros = paddingWithZeros
  }
}
