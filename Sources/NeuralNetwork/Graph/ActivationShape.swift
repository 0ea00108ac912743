/// What flows between two layers, for one image.
public enum ActivationShape: Sendable, Hashable, CustomStringConvertible {
  /// Feature maps.
  case image(height: Int, width: Int, channels: Int)
  /// A vector of features.
  case vector(Int)
  /// Numbers of any number of axes in row-major order, as ONNX counts the axes: the first is often the batch's, and 1.
  case tensor([Int])

  /// The number of values.
  public var count: Int {
    switch self {
    case .image(let height, let width, let channels): height * width * channels
    case .vector(let count): count
    case .tensor(let extents): extents.reduce(1, *)
    }
  }

  /// The extent of the last axis: channels, or the vector's length.
  public var channels: Int {
    switch self {
    case .image(_, _, let channels): channels
    case .vector(let count): count
    case .tensor(let extents): extents.last ?? 1
    }
  }

  /// The extents as ONNX counts them, for a batch of one: 1 × channels × height × width, or 1 × length.
  public var extents: [Int] {
    switch self {
    case .image(let height, let width, let channels): [1, channels, height, width]
    case .vector(let count): [1, count]
    case .tensor(let extents): extents
    }
  }

  /// The shape as an image, where it is one: four axes, the first of which is 1.
  var asImage: (height: Int, width: Int, channels: Int)? {
    switch self {
    case .image(let height, let width, let channels): return (height, width, channels)
    case .vector: return nil
    case .tensor(let extents):
      return extents.count == 4 && extents[0] == 1 ? (extents[2], extents[3], extents[1]) : nil
    }
  }

  /// Height × width × channels, the length, or the extents in brackets.
  public var description: String {
    switch self {
    case .image(let height, let width, let channels): "\(height)×\(width)×\(channels)"
    case .vector(let count): "\(count)"
    case .tensor(let extents): "[" + extents.map(String.init).joined(separator: "×") + "]"
    }
  }
}
