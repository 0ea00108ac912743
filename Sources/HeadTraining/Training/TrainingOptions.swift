internal import Foundation

/// How a head is trained.
public struct TrainingOptions: Sendable, Hashable, Codable {
  /// Which triplets of a batch count.
  public var mining = TripletMining.semiHard
  /// By how much a stranger is to be farther, in squared distance of unit-length embeddings.
  public var margin: Float = 0.2
  /// People a batch.
  public var people = 32
  /// Photos of each.
  public var photos = 3
  /// Epochs at most; one shows every person once.
  public var epochs = 30
  /// Epochs without a better validation accuracy after which training ends.
  public var patience = 12
  /// Adam's learning rate at first; it falls along half a cosine to a hundredth. It is small, so that a discriminant is
  /// not forgotten: random weights want ten times as much.
  public var learningRate: Float = 1e-4
  /// Adam's decoupled weight decay.
  public var weightDecay: Float = 0
  /// Dropout behind the two first hidden layers.
  public var dropout: Float = 0.3
  /// Principal components that the first layer is trained on; 0 trains on the features themselves.
  public var components = 512
  /// What the head's first weights are.
  public var start = HeadStart.discriminant
  /// How far the covariance within people is drawn towards one that is alike in all directions, where the head begins as
  /// a discriminant.
  public var shrinkage: Float = 0.1
  /// The share of people who are kept for validation.
  public var validation = 0.1
  /// Decides the split, the first weights, the batches and dropout.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// Checks the ranges.
  ///
  /// - Throws: ``TrainingError`` with code `invalidOption` that names the option.
  public func check() throws(TrainingError) {
    _ = try TripletLoss(margin: margin)
    func require(_ holds: Bool, _ what: String) throws(TrainingError) {
      if !holds { throw TrainingError(.invalidOption, what) }
    }
    try require(people >= 2 && photos >= 2, "A batch has at least 2 people with 2 photos each.")
    try require(epochs >= 1 && patience >= 1, "Training takes at least one epoch, and a patience of one.")
    try require(
      learningRate > 0 && learningRate.isFinite && weightDecay >= 0 && weightDecay.isFinite,
      "The learning rate is above 0 and the weight decay at least 0.")
    try require((0..<1).contains(dropout), "Dropout is from 0 to below 1, not \(dropout).")
    try require((0...1).contains(shrinkage), "Shrinkage is from 0 to 1, not \(shrinkage).")
    try require(components >= 0, "Principal components are 0 (none) or more, not \(components).")
    try require(
      validation > 0 && validation < 1, "The validation share is between 0 and 1, not \(validation).")
  }

  /// The learning rate of an epoch, from 0.
  func rate(_ epoch: Int) -> Float {
    let share = Double(epoch) / Double(max(epochs - 1, 1))
    return learningRate * Float(0.01 + 0.99 * (0.5 + 0.5 * Cosine.of(share)))
  }
}

/// What a head's first weights are.
public enum HeadStart: String, Sendable, Hashable, Codable, CaseIterable {
  /// As Keras begins: at random.
  case random
  /// The directions of a linear discriminant analysis of the people who are trained on; see ``Discriminant``.
  case discriminant
}

/// Half a cosine, from 1 to −1.
enum Cosine {
  /// The value at a share of the way, 0…1.
  static func of(_ share: Double) -> Double { cos(.pi * share) }
}
