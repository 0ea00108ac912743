public import FaceEvaluation
public import Foundation
internal import Support

/// Trains a head on features: batches of P people with K photos, triplets mined from each, Adam, early stopping.
///
/// The same features, options and number of BLAS threads give the same weights to the last bit, also after a kill and
/// a resumption. Another processor, for which OpenBLAS has other kernels, gives others that are as good.
public struct TrainingRun {
  /// How.
  public let options: TrainingOptions
  /// Who is trained on and who not.
  public let split: PeopleSplit
  /// The head on the features: the best epoch's.
  public var head: HeadParameters { inputs.folded(into: state.best) }
  /// The epoch whose weights are the best: of equal ones the first, and 0 for the first weights.
  public var bestEpoch: Int {
    let best = state.history.max { $0.validation < $1.validation }
    guard let best, best.validation > state.startValidation else { return 0 }
    return state.history.first { $0.validation == best.validation }?.epoch ?? 0
  }
  /// Verification of the validation people by the first weights, 0…1.
  public var startValidation: Double { state.startValidation }
  /// The epochs so far.
  public var history: [EpochRecord] { state.history }
  /// Pictures that the head was trained on a second, over the steps of this process; 0 before the first.
  public var samplesPerSecond: Double { stepSeconds > 0 ? Double(samples) / stepSeconds : 0 }
  /// Verification of the validation people by the cosine of the features themselves.
  public var before: VerificationReport { validation.before }
  /// Verification of the validation people by the best epoch's embeddings.
  public var after: VerificationReport { validation.report(state.best) }

  private let inputs: TrainingInputs
  private let validation: ValidationSet
  private let sampler: BatchSampler
  private let loss: TripletLoss
  private let identity: String
  private var state: TrainingState
  private var samples = 0
  private var stepSeconds = 0.0

  var features: FeatureSet { inputs.features }
  /// The pairs of validation people.
  var pairs: VerificationPairs { validation.pairs }

  /// Prepares a run: splits the people, finds the components, draws the first weights.
  ///
  /// - Parameters:
  ///   - excluded: People, by index, who are neither trained on nor validated with.
  ///   - checkpoint: A run's state to go on from.
  /// - Throws: ``TrainingError``: `invalidOption`, `badData`, `foreignFile`.
  public init(
    _ features: FeatureSet, options: TrainingOptions = TrainingOptions(), excluding excluded: Set<Int> = [],
    resuming checkpoint: URL? = nil
  ) throws(TrainingError) {
    try options.check()
    loss = try TripletLoss(margin: options.margin)
    split = try PeopleSplit(
      features, share: options.validation, seed: options.seed, excluding: excluded)
    sampler = try BatchSampler(groups: split.training, people: options.people, photos: options.photos)
    self.options = options
    let trained = split.training.flatMap { $0 }
    inputs = try TrainingInputs(features, trained: trained, components: options.components)
    validation = ValidationSet(split.validation, inputs, seed: options.seed)
    identity = TrainingState.identity(features, options, split)
    if let checkpoint {
      state = try TrainingState(checkpoint, run: identity, options: options)
      return
    }
    var generator = SplitMix64(options.seed)
    let head = try inputs.firstHead(trained: trained, options: options, using: &generator)
    state = TrainingState(head, options: options, generator: generator)
    state.startValidation = validation.report(head).accuracy
  }

  /// Unit-length embeddings of faces by the best epoch's head, row by row.
  ///
  /// - Parameter mirrored: Whether the mirror image's embedding is added.
  public func embeddings(_ faces: [Int], mirrored: Bool = false) -> [Float] {
    let dimension = state.best.shape.dimension
    func embedded(_ variant: Int) -> [Float] {
      HeadTrainer(state.best).embed(inputs.rows(faces, variant: variant))
    }
    var result = embedded(0)
    if mirrored && features.variants > 1 { result = zip(result, embedded(1)).map { $0 + $1 } }
    return UnitVectors.of(result, dimension: dimension)
  }

  /// Trains until the last epoch or until validation gets no better.
  ///
  /// - Parameters:
  ///   - checkpoint: Where the state is kept after each epoch.
  ///   - epochDone: Told of each epoch; false ends the training after it.
  /// - Throws: ``TrainingError``: `diverged` when the loss is no longer finite, `inaccessible` when a checkpoint cannot
  ///   be written. The best weights so far stay.
  public mutating func run(
    checkpoint: URL? = nil, epochDone: (EpochRecord) -> Bool = { _ in true }
  ) throws(TrainingError) {
    let trainer = HeadTrainer(state.parameters)
    while state.history.count < options.epochs, !isExhausted {
      let record = try epoch(trainer)
      let best = state.history.map(\.validation).max().map { max($0, state.startValidation) }
      state.parameters = trainer.parameters
      if record.validation > best ?? state.startValidation { state.best = trainer.parameters }
      state.history.append(record)
      if let checkpoint { try state.write(to: checkpoint, run: identity) }
      if !epochDone(record) { return }
    }
  }

  /// Whether validation has got no better for too long.
  private var isExhausted: Bool {
    state.history.count - bestEpoch >= options.patience
  }

  private mutating func epoch(_ trainer: HeadTrainer) throws(TrainingError) -> EpochRecord {
    let number = state.history.count
    let rate = options.rate(number)
    var losses = 0.0
    var active = 0.0
    let batches = sampler.epoch(using: &state.generator)
    let start = ContinuousClock.now
    for batch in batches {
      let result = step(trainer, batch, rate)
      guard result.loss.isFinite else { throw diverged(number + 1) }
      losses += Double(result.loss)
      active += Double(result.active)
    }
    stepSeconds += (ContinuousClock.now - start) / .seconds(1)
    samples += batches.reduce(0) { $0 + $1.count }
    guard trainer.parameters.isFinite else { throw diverged(number + 1) }
    let report = validation.report(trainer.parameters)
    return EpochRecord(
      epoch: number + 1, loss: losses / Double(batches.count), active: active / Double(batches.count),
      validation: report.accuracy, learningRate: rate)
  }

  private mutating func step(_ trainer: HeadTrainer, _ batch: [Int], _ rate: Float) -> TripletLoss.Result {
    var pictures: [Int] = []
    for face in batch {
      let variant =
        features.variants == 1 ? 0 : Int.random(in: 0..<features.variants, using: &state.generator)
      pictures.append(face * features.variants + variant)
    }
    let rows = inputs.rows(pictures)
    let masks = trainer.dropoutMasks(batch: batch.count, using: &state.generator)
    let embeddings = trainer.forward(rows, masks: masks)
    let dimension = trainer.parameters.shape.dimension
    let distances = UnitVectors.squaredDistances(
      UnitVectors.of(embeddings, dimension: dimension), dimension: dimension)
    let triplets = options.mining.triplets(
      people: batch.map { features.people[$0] }, distances: distances, margin: options.margin,
      using: &state.generator)
    let result = loss(embeddings, dimension: dimension, triplets: triplets)
    trainer.backward(result.gradient, stepping: &state.adam, learningRate: rate)
    return result
  }

  private func diverged(_ epoch: Int) -> TrainingError {
    let kept =
      bestEpoch == 0
      ? "No epoch before was better than the first weights" : "The weights of epoch \(bestEpoch) are kept"
    return TrainingError(
      .diverged,
      "The loss of epoch \(epoch) is no finite number. \(kept); lower the learning rate (\(options.learningRate)) and train again."
    )
  }
}
