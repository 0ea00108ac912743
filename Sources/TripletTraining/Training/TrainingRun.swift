internal import FaceEngine
public import Foundation
internal import NeuralNetwork

/// Trains a head on features: batches of P people with K photos, triplets mined from each, Adam, early stopping.
///
/// The same features, options and number of BLAS threads give the same weights to the last bit, also after a kill and
/// a resumption.
public struct TrainingRun {
  /// How.
  public let options: TrainingOptions
  /// Who is trained on and who not.
  public let split: PeopleSplit
  /// The head on the features: the best epoch's.
  public var head: HeadParameters { projection?.folded(into: state.best) ?? state.best }
  /// The epochs so far.
  public var history: [EpochRecord] { state.history }
  /// Pictures that the head was trained on a second, over the steps of this process; 0 before the first.
  public var samplesPerSecond: Double { stepSeconds > 0 ? Double(samples) / stepSeconds : 0 }
  /// Verification of the validation people by the cosine of the features themselves.
  public let before: VerificationReport
  /// Verification of the validation people by the best epoch's embeddings.
  public var after: VerificationReport { pairs.report(Self.vectors(validation, embedded(state.best))) }

  let features: FeatureSet
  private let projection: Projection?
  /// What batches are made of: components or features, a row for each face and variant.
  private let inputs: [Float]
  private let width: Int
  private let validation: [Int]
  let pairs: VerificationPairs
  private let validationInputs: [Float]
  private let sampler: BatchSampler
  private let loss: TripletLoss
  private let identity: String
  private var state: TrainingState
  private var samples = 0
  private var stepSeconds = 0.0

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
    self.features = features
    let trained = split.training.flatMap { $0 }
    projection =
      options.components > 0
      ? try Projection(features, faces: trained, components: options.components) : nil
    width = projection?.components ?? features.inputs
    inputs = projection.map { $0(features.values) } ?? features.values
    validation = split.validation.flatMap { $0 }
    pairs = VerificationPairs(split.validation, seed: options.seed)
    let (stride, width) = (features.variants * width, width)
    let inputs = inputs
    validationInputs = validation.flatMap { inputs[$0 * stride..<$0 * stride + width] }
    before = pairs.report(
      Self.vectors(
        validation, UnitVectors.of(features.rows(validation), dimension: features.inputs)))
    identity = Self.identity(features, options, split)
    if let checkpoint {
      state = try TrainingState(checkpoint, run: identity, options: options)
      return
    }
    var generator = SplitMix64(options.seed)
    let shape = HeadShape(inputs: width, dropout: [options.dropout, options.dropout, 0])
    state = TrainingState(
      HeadParameters(shape, using: &generator), options: options, generator: generator)
    state.generator = generator
  }

  /// What a checkpoint must agree in.
  private static func identity(
    _ features: FeatureSet, _ options: TrainingOptions, _ split: PeopleSplit
  ) -> String {
    var text = "\(features.inputs) \(features.variants) \(split)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    text += (try? encoder.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    for face in stride(from: 0, to: features.people.count, by: 17) {
      text += "\(features.row(face).reduce(0, +).bitPattern) "
    }
    return SHA256.hexadecimal(of: Array(text.utf8))
  }

  static func vectors(_ faces: [Int], _ rows: [Float]) -> [Int: ArraySlice<Float>] {
    let dimension = rows.count / max(faces.count, 1)
    return Dictionary(
      uniqueKeysWithValues: faces.enumerated().map { place, face in
        (face, rows[place * dimension..<(place + 1) * dimension])
      })
  }

  private func embedded(_ head: HeadParameters) -> [Float] {
    UnitVectors.of(HeadTrainer(head).embed(validationInputs), dimension: head.shape.dimension)
  }

  /// Unit-length embeddings of faces by the best epoch's head, row by row.
  public func embeddings(_ faces: [Int]) -> [Float] {
    let stride = features.variants * width
    let rows = faces.flatMap { inputs[$0 * stride..<$0 * stride + width] }
    return UnitVectors.of(HeadTrainer(state.best).embed(rows), dimension: state.best.shape.dimension)
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
      let best = state.history.map(\.validation).max() ?? -1
      state.parameters = trainer.parameters
      if record.validation > best { state.best = trainer.parameters }
      state.history.append(record)
      if let checkpoint { try state.write(to: checkpoint, run: identity) }
      if !epochDone(record) { return }
    }
  }

  /// Whether validation has got no better for too long.
  private var isExhausted: Bool {
    guard let best = state.history.max(by: { $0.validation < $1.validation }) else { return false }
    // Of equal epochs the first counts.
    let first = state.history.first { $0.validation == best.validation } ?? best
    return state.history.count - first.epoch >= options.patience
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
    let report = pairs.report(Self.vectors(validation, embedded(trainer.parameters)))
    return EpochRecord(
      epoch: number + 1, loss: losses / Double(batches.count), active: active / Double(batches.count),
      validation: report.accuracy, learningRate: rate)
  }

  private mutating func step(_ trainer: HeadTrainer, _ batch: [Int], _ rate: Float) -> TripletLoss.Result {
    var rows: [Float] = []
    rows.reserveCapacity(batch.count * width)
    for face in batch {
      let variant =
        features.variants == 1 ? 0 : Int.random(in: 0..<features.variants, using: &state.generator)
      let start = (face * features.variants + variant) * width
      rows += inputs[start..<start + width]
    }
    let masks = trainer.dropoutMasks(batch: batch.count, using: &state.generator)
    let embeddings = trainer.forward(rows, masks: masks)
    let dimension = trainer.parameters.shape.dimension
    let distances = UnitVectors.squaredDistances(
      UnitVectors.of(embeddings, dimension: dimension), dimension: dimension)
    let triplets = options.mining.triplets(
      people: batch.map { features.people[$0] }, distances: distances, margin: options.margin,
      using: &state.generator)
    let result = loss(embeddings, dimension: dimension, triplets: triplets)
    trainer.backward(result.gradient)
    state.adam.step(trainer, learningRate: rate)
    return result
  }

  private func diverged(_ epoch: Int) -> TrainingError {
    let kept = state.history.isEmpty ? "Nothing was trained yet" : "The weights of the epochs before are kept"
    return TrainingError(
      .diverged,
      "The loss of epoch \(epoch) is no finite number. \(kept); lower --rate (\(options.learningRate)) and train again."
    )
  }
}
