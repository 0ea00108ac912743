import FaceEngine
import Foundation
import NeuralNetwork
import Support
import Testing

@testable import FaceEvaluation
@testable import HeadTraining

@Suite("A training run")
struct TrainingRunTests {
  /// People whose features are a hidden identity, scattered by noise in which the cosine drowns.
  private func features(
    people: Int, photos: Int = 5, inputs: Int = 40, seed: UInt64 = 7, spoiling: Float? = nil
  )
    -> FeatureSet
  {
    var generator = SplitMix64(seed)
    var values: [Float] = []
    var owners: [Int] = []
    for person in 0..<people {
      let identity = (0..<inputs).map { $0 < 10 ? Float.random(in: -1...1, using: &generator) : 0 }
      for _ in 0..<photos {
        owners.append(person)
        for _ in 0..<2 {
          values += identity.enumerated().map { place, value in
            value + Float.random(in: -1...1, using: &generator) * (place < 10 ? 0.3 : 1.5)
          }
        }
      }
    }
    if let spoiling { values[values.count / 3] = spoiling }
    return FeatureSet(
      variants: 2, photos: Array(owners.indices), people: owners, values: HalfRows(values, width: inputs))
  }

  private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = 4
    options.people = 8
    options.photos = 3
    options.components = 30
    options.validation = 0.2
    change(&options)
    return options
  }

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "train-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test(
    "raises verification on people it has not seen, from random weights", arguments: TripletMining.allCases)
  func learns(mining: TripletMining) throws {
    let held = 0..<60
    let features = features(people: 360)
    var run = try TrainingRun(
      features,
      options: options {
        $0.mining = mining
        $0.start = .random
        $0.learningRate = 1e-3
        $0.components = 0
        $0.people = 16
        $0.epochs = 25
        $0.dropout = 0.1
      }, excluding: Set(held))
    try run.run()
    let losses = run.history.map(\.loss)
    #expect((losses.min() ?? 1) < 0.7 * (losses.first ?? 0), "\(losses)")
    #expect(run.after.accuracy == run.history.map(\.validation).max())
    #expect(run.after.accuracy > run.before.accuracy + 0.1, "\(run.before.accuracy) → \(run.after.accuracy)")
    // People who had no part in it, not even in choosing the epoch.
    let report = run.verify(pairs(held))
    #expect(
      report.accuracy > report.featureAccuracy + 0.1, "\(report.featureAccuracy) → \(report.accuracy)")
    #expect(report.areaUnderCurve > 0.8)
    #expect(try #require(report.mirroredAccuracy) > report.featureAccuracy + 0.1)
  }

  @Test("begins with a discriminant, and is never worse than it on the validation people")
  func beginsAsDiscriminant() throws {
    let held = 0..<60
    let features = features(people: 160)
    for components in [0, 40] {
      var run = try TrainingRun(
        features, options: options { $0.components = components }, excluding: Set(held))
      let begun = run.verify(pairs(held))
      #expect(
        begun.accuracy > begun.featureAccuracy + 0.15, "\(begun.featureAccuracy) → \(begun.accuracy)")
      #expect(run.bestEpoch == 0)
      let start = run.after.accuracy
      try run.run()
      #expect(run.after.accuracy >= start)
      #expect(run.after.accuracy == max(start, run.history.map(\.validation).max() ?? 0))
    }
  }

  /// Pairs of photos of people, as many of one person as of two.
  private func pairs(_ people: Range<Int>) -> [PairsFile.Pair] {
    var pairs: [PairsFile.Pair] = []
    for person in people {
      for photo in 0..<4 {
        let first = person * 5 + photo
        let stranger = (person + photo + 1) % people.count
        pairs.append(PairsFile.Pair(first: first, second: first + 1, isSame: true))
        pairs.append(PairsFile.Pair(first: first, second: stranger * 5 + photo, isSame: false))
      }
    }
    return pairs
  }

  @Test("gives the same weights for a seed, and others for another")
  func seeds() throws {
    let features = features(people: 30)
    func weights(_ seed: UInt64) throws -> HeadParameters {
      var run = try TrainingRun(features, options: options { $0.seed = seed })
      try run.run()
      return run.head
    }
    let first = try weights(1)
    #expect(try weights(1) == first)
    #expect(try weights(2) != first)
  }

  @Test("goes on from a checkpoint with the same weights to the last bit", arguments: [0, 20])
  func resumes(components: Int) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let checkpoint = folder.appending(path: "a.checkpoint")
    let features = features(people: 30)
    let options = options { $0.components = components }
    var whole = try TrainingRun(features, options: options)
    try whole.run()
    var first = try TrainingRun(features, options: options)
    try first.run(checkpoint: checkpoint) { $0.epoch < 2 }
    #expect(first.history.count == 2)
    var second = try TrainingRun(features, options: options, resuming: checkpoint)
    #expect(second.history == first.history)
    try second.run(checkpoint: checkpoint)
    #expect(second.head == whole.head)
    #expect(second.history == whole.history)
  }

  @Test("refuses a checkpoint of other options, photos, or none at all")
  func foreignCheckpoint() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let checkpoint = folder.appending(path: "a.checkpoint")
    var run = try TrainingRun(features(people: 30), options: options())
    try run.run(checkpoint: checkpoint) { _ in false }
    func refused(_ features: FeatureSet, _ options: TrainingOptions) {
      #expect {
        try TrainingRun(features, options: options, resuming: checkpoint)
      } throws: {
        ($0 as? TrainingError)?.code == .foreignFile
      }
    }
    refused(features(people: 30), options { $0.margin = 0.3 })
    refused(features(people: 30, seed: 8), options())
    try Data("no checkpoint".utf8).write(to: checkpoint)
    refused(features(people: 30), options())
  }

  @Test("keeps the checkpoint of the epoch before when the next cannot be written")
  func fullDisk() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let checkpoint = folder.appending(path: "a.checkpoint")
    let features = features(people: 30)
    var run = try TrainingRun(features, options: options())
    try run.run(checkpoint: checkpoint) { _ in false }
    let kept = try Data(contentsOf: checkpoint)
    // A folder that is gone fails as a full disk does.
    #expect {
      try run.run(checkpoint: folder.appending(path: "gone/a.checkpoint"))
    } throws: {
      ($0 as? TrainingError)?.code == .checkpointNotSaved
    }
    #expect(run.history.count == 2)
    // Nothing is lost: neither what was trained nor the file before.
    #expect(try Data(contentsOf: checkpoint) == kept)
    #expect(try TrainingRun(features, options: options(), resuming: checkpoint).history.count == 1)
  }

  @Test("stops at a loss that is no number, and keeps the weights before")
  func diverges() throws {
    #expect {
      var run = try TrainingRun(
        self.features(people: 30, spoiling: .nan),
        options: self.options {
          $0.components = 0
          $0.start = .random
          // So many that the spoilt picture is drawn.
          ($0.epochs, $0.patience) = (60, 60)
        })
      try run.run()
    } throws: {
      ($0 as? TrainingError)?.code == .diverged
    }
    var run = try TrainingRun(
      features(people: 30),
      options: options {
        $0.learningRate = 1e30
        $0.components = 0
      })
    #expect(throws: TrainingError.self) { try run.run() }
    #expect(run.head.isFinite)
  }

  @Test("keeps and names the best epoch when the loss is no number only later")
  func divergesLate() throws {
    let features = features(people: 30, spoiling: .nan)
    var kept = 0
    for seed in 1...12 {
      var run = try TrainingRun(
        features,
        options: options {
          $0.seed = UInt64(seed)
          ($0.components, $0.start, $0.learningRate) = (0, .random, 1e-3)
          ($0.epochs, $0.patience) = (60, 60)
        })
      var error: TrainingError?
      do { try run.run() } catch let caught { error = caught }
      guard let error, run.bestEpoch > 0 else { continue }
      kept += 1
      #expect(error.code == .diverged && error.message.contains("epoch \(run.bestEpoch) are kept"))
      #expect(run.head.isFinite && run.after.accuracy > run.startValidation)
    }
    #expect(kept > 0, "no seed drew the spoilt picture after an epoch that was better than the first weights")
  }

  @Test("stops when validation gets no better for the patience")
  func patience() throws {
    var run = try TrainingRun(
      features(people: 30),
      options: options {
        $0.epochs = 200
        $0.patience = 2
      })
    try run.run()
    #expect(run.history.count == run.bestEpoch + 2 || run.history.count == 200)
  }

  @Test("splits by person, and trains on nobody who is excluded")
  func split() throws {
    let features = features(people: 40)
    let split = try PeopleSplit(features, share: 0.25, seed: 3, excluding: [1, 2, 3])
    let people = [split.training, split.validation].map { Set($0.joined().map { features.people[$0] }) }
    #expect(people[0].isDisjoint(with: people[1]))
    #expect(people[0].union(people[1]) == Set(0..<40).subtracting([1, 2, 3]))
    #expect(split.validation.count == 9)
  }

  @Test("needs four people with two photos")
  func tooFew() {
    for (people, photos) in [(1, 9), (3, 5), (50, 1)] {
      #expect {
        try TrainingRun(self.features(people: people, photos: photos))
      } throws: {
        ($0 as? TrainingError)?.code == .badData
      }
    }
  }

  @Test("refuses options outside their ranges")
  func ranges() {
    let changes: [(inout TrainingOptions) -> Void] = [
      { $0.margin = 0 }, { $0.margin = -1 }, { $0.people = 1 }, { $0.photos = 1 }, { $0.epochs = 0 },
      { $0.learningRate = 0 }, { $0.dropout = 1 }, { $0.components = -1 }, { $0.validation = 0 },
      { $0.shrinkage = -0.1 },
    ]
    for change in changes {
      #expect {
        try TrainingRun(self.features(people: 30), options: self.options(change))
      } throws: {
        ($0 as? TrainingError)?.code == .invalidOption
      }
    }
  }

  @Test("folds its components into the first layer without changing an embedding")
  func folding() throws {
    let features = features(people: 30)
    var run = try TrainingRun(features, options: options())
    try run.run()
    let faces = [0, 17, 60]
    let whole = UnitVectors.of(HeadTrainer(run.head).embed(features.rows(faces)), dimension: 128)
    for (a, b) in zip(whole, run.embeddings(faces)) { #expect(abs(a - b) < 1e-4) }
  }

  @Test("verifies held-out pairs, calibrates on people it was not trained on, and draws both spaces")
  func reports() throws {
    let features = features(people: 60)
    let pairs = (0..<10).map { person in
      PairsFile.Pair(first: person * 5, second: person * 5 + 1, isSame: true)
    }
    var run = try TrainingRun(features, options: options(), excluding: Set(0..<20))
    try run.run()
    let held = run.verify(pairs + [.init(first: 0, second: 9_999, isSame: false)])
    #expect(held.pairs == 11)
    // All but the last are of one person; the last has no photo, which counts as "different".
    #expect(held.accuracy > 0.5, "\(held.accuracy)")
    #expect(try run.calibration().operatingPoint.isCalibrated)
    let (before, after) = try run.pictures()
    for picture in [before, after] {
      #expect(picture.people.count == 8 && picture.people[0].faces.count == 5)
      #expect(picture.people.allSatisfy { (20..<60).contains($0.person) })
      #expect(picture.distances.same.count == picture.distances.middles.count)
      #expect(picture.distances.middles.allSatisfy { $0 < 4 })
      #expect(abs(picture.distances.same.reduce(0, +) - 1) < 1e-9)
    }
  }
}
