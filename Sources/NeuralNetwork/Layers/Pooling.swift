/// A maximum or an average over windows; places outside of the image do not count.
public struct Pooling: Sendable, Hashable {
  /// What is taken over a window.
  public enum Kind: String, Sendable, Codable {
    /// The greatest value.
    case maximum
    /// The mean of the values inside of the image.
    case average
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
