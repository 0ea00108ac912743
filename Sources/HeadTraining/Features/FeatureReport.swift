/// What making or finding the features of photos took.
public struct FeatureReport: Sendable, Hashable, Codable {
  /// Photos looked at.
  public var photos = 0
  /// Photos without a face.
  public var withoutFace = 0
  /// Files that are no photos, or damaged.
  public var unreadable: [String] = []
  /// Pictures run through the network now.
  public var computed = 0
  /// Pictures whose features were there.
  public var reused = 0
  /// Bytes of the cache on disk; 0 without one.
  public var bytes = 0
  /// Seconds of the whole.
  public var seconds = 0.0
}
