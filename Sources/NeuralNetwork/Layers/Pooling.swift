/// A maximum or an average over windows.
public struct Pooling: Sendable, Hashable {
  /// What is taken over a window.
  public enum Kind: String, Sendable, Codable {
    /// The greatest value inside of the image.
    case maximum
    /// The mean of the values inside of the image.
    case average
    /// The mean with the padding that the window states as zeros (ONNX's `count_include_pad`); what `completed` adds at the
    /// far ends does not count.
    case paddedAverage
  }

  /// What is taken over a window.
  public var kind: Kind
  /// The window.
  public var window: SlidingWindow

  /// Makes a pooling.
  public init(_ kind: Kind, window: SlidingWindow) {
    self.kind = kind
    self.window = window
  }
}
