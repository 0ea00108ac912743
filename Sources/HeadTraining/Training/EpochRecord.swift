/// What an epoch came to.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// From 1.
  public let epoch: Int
  /// The mean loss of its batches.
  public let loss: Double
  /// The share of triplets whose loss was above zero.
  public let active: Double
  /// Verification accuracy on the validation people after it.
  public let validation: Double
  /// The learning rate.
  public let learningRate: Float
}
