/// How the bytes of an RGB photo become the numbers that a network was trained on: (byte − mean) · scale.
public struct Preprocessing: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The order of a pixel's channels in the network's input.
  public enum ChannelOrder: String, Sendable, Codable {
    /// Red first.
    case rgb
    /// Blue first, as Caffe's networks want it.
    case bgr
  }

  /// The order of the channels.
  public var order: ChannelOrder
  /// What is subtracted from each channel, in the network's order.
  public var mean: [Float]
  /// The factor after the subtraction.
  public var scale: Float
  /// A factor for each channel after the subtraction, in the network's order, in place of `scale`.
  public var scales: [Float]?

  /// Makes a preprocessing; `mean` has three values in the network's channel order.
  public init(order: ChannelOrder, mean: [Float], scale: Float) {
    precondition(mean.count == 3, "preprocessing needs a mean for each of three channels")
    self.order = order
    self.mean = mean
    self.scale = scale
  }

  /// Makes a preprocessing with a factor a channel; both arrays have three values in the network's channel order.
  public init(order: ChannelOrder, mean: [Float], scales: [Float]) {
    precondition(scales.count == 3, "preprocessing needs a factor for each of three channels")
    self.init(order: order, mean: mean, scale: scales[0])
    if Set(scales).count > 1 { self.scales = scales }
  }

  /// The factor of each channel.
  var factors: [Float] { scales ?? [scale, scale, scale] }

  /// One line: `rgb, (value - (122.782, 117.001, 104.298)) * 0.00390625`.
  public var description: String {
    let factor = scales.map { "(" + $0.map { "\($0)" }.joined(separator: ", ") + ")" } ?? "\(scale)"
    return "\(order.rawValue), (value - (\(mean.map { "\($0)" }.joined(separator: ", ")))) * \(factor)"
  }

  /// VGGFace (Parkhi, Vedaldi and Zisserman, 2015): BGR less the training set's mean.
  public static let vggFace = Preprocessing(order: .bgr, mean: [93.5940, 104.7624, 129.1863], scale: 1)

  /// dlib's face recognition network: RGB less ImageNet's mean, over 256.
  public static let dlib = Preprocessing(order: .rgb, mean: [122.782, 117.001, 104.298], scale: 1 / 256)

  /// The index in RGB of each of the network's channels.
  var permutation: [Int32] { order == .rgb ? [0, 1, 2] : [2, 1, 0] }
}
