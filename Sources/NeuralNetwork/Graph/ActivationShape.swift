/// What flows between two layers, for one image.
public enum ActivationShape: Sendable, Hashable, CustomStringConvertible {
  /// Feature maps.
  case image(height: Int, width: Int, channels: Int)
  /// A vector of features.
  case vector(Int)

  /// The number of values.
  public var count: Int {
    switch self {
    case .image(let height, let width, let channels): height * width * channels
    case .vector(let count): count
    }
  }

  /// The extent of the last axis: channels, or the vector's length.
  public var channels: Int {
    switch self {
    case .image(_, _, let channels): channels
    case .vector(let count): count
    }
  }

  /// Height × width × channels, or the length.
  public var description: String {
    switch self {
    case .image(let height, let width, let channels): "\(height)×\(width)×\(channels)"
    case .vector(let count): "\(count)"
    }
  }
}
