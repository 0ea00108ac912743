internal import FaceEngine
public import FaceEvaluation
public import Foundation
internal import NeuralNetwork
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
  public var head: HeadParameters { projection?.folded(into: state.best) ?? state.best }
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
  public let before: VerificationReport
  /// Verification of the validation people by the best epoch's embeddings.
  public var after: VerificationReport { pairs.report(Self.vectors(validation, embedded(state.best))) }

  let features: FeatureSet
  private let projection: Projection?
  /// What batches are made of instead of features: their components, a row for each face and variant.
  private let components: [Float]
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
    components = projection.map { $0(features) } ?? []
    validation = split.validation.flatMap { $0 }
    pairs = VerificationPairs(split.validation, seed: options.seed)
    validationInputs = Self.inputs(validation.map { $0 * features.variants }, features, components, width)
    before = pairs.report(
      Self.vectors(
        validation, UnitVectors.of(features.rows(validation), dimension: features.inputs)))
    identity = Self.identity(features, options, split)
    if let checkpoint {
      state = try TrainingState(checkpoint, run: identity, options: options)
      return
    }
    var generator = SplitMix64(options.seed)
    let head = try Self.firstHead(
      features, trained, projection, components, options: options, using: &generator)
    state = TrainingState(head, options: options, generator: generator)
    state.startValidation = pairs.report(Self.vectors(validation, embedded(head))).accuracy
  }

  /// The first weights.
  private static func firstHead(
    _ features: FeatureSet, _ trained: [Int], _ projection: Projection?, _ components: [Float],
    options: TrainingOptions, using generator: inout SplitMix64
  ) throws(TrainingError) -> HeadParameters {
    func head(_ inputs: Int) -> HeadParameters {
      HeadParameters(
        HeadShape(inputs: inputs, dropout: [options.dropout, options.dropout, 0]), using: &generator)
    }
    guard options.start == .discriminant else { return head(projection?.components ?? features.inputs) }
    // Directions are sought among components; without them, the head that they give is written over the features.
    let own: Projection
    if let projection {
      own = projection
    } else {
      own = try Projection(features, faces: trained, components: TrainingOptions().components)
    }
    let components = components.isEmpty ? own(features) : components
    let pictures = trained.flatMap { face in
      (0..<features.variants).map { face * features.variants + $0 }
    }
    var first = head(own.components)
    first.begin(
      as: try Discriminant(
        inputs(pictures, features, components, own.components),
        people: pictures.map { features.people[$0 / features.variants] },
        directions: first.shape.units[0], shrinkage: options.shrinkage))
    return projection == nil ? own.folded(into: first) : first
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
      text += "\(features.rows([face]).reduce(0, +).bitPattern) "
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
  ///
  /// - Parameter mirrored: Whether the mirror image's embedding is added.
  public func embeddings(_ faces: [Int], mirrored: Bool = false) -> [Float] {
    let dimension = state.best.shape.dimension
    func embedded(_ variant: Int) -> [Float] {
      let rows = Self.inputs(faces.map { $0 * features.variants + variant }, features, components, width)
      return HeadTrainer(state.best).embed(rows)
    }
    var result = embedded(0)
    if mirrored && features.variants > 1 { result = zip(result, embedded(1)).map { $0 + $1 } }
    return UnitVectors.of(result, dimension: dimension)
  }

  /// What the head takes of some pictures.
  private static func inputs(
    _ pictures: [Int], _ features: FeatureSet, _ components: [Float], _ width: Int
  ) -> [Float] {
    guard !components.isEmpty else { return features.values(pictures) }
    var rows: [Float] = []
    rows.reserveCapacity(pictures.count * width)
    for picture in pictures { rows += components[picture * width..<(picture + 1) * width] }
    return rows
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
    let report = pairs.report(Self.vectors(validation, embedded(trainer.parameters)))
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
    let rows = Self.inputs(pictures, features, components, width)
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
