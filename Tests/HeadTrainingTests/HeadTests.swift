import NeuralNetwork
import Support
import Testing

@testable import HeadTraining

@Suite("The head's training step")
struct HeadTests {
  @Test("agrees with Keras in loss, gradients, Adam and moving statistics", arguments: ["raw", "unit"])
  func keras(kind: String) throws {
    let golden = try Golden()
    let trainer = HeadTrainer(golden.before)
    var adam = Adam(for: golden.before)
    let loss = try TripletLoss(margin: 0.7, normalizes: kind == "unit")
    for step in 1...3 {
      let embeddings = trainer.forward(golden["features"], masks: golden.masks)
      let result = loss(embeddings, dimension: 5, triplets: golden.triplets)
      trainer.backward(result.gradient)
      if step == 1 {
        #expect(golden.violation("\(kind)_loss", [result.loss]) <= 1)
        for (place, gradient) in trainer.gradients.enumerated() {
          guard !isFree(place, kind) else {
            #expect(gradient.allSatisfy { abs($0) < 1e-5 }, "a shift of all embeddings changes nothing")
            continue
          }
          let violation = golden.violation("\(kind)_gradient_\(place)", gradient)
          #expect(violation <= 1, "\(golden.before.trainedNames[place])")
        }
      }
      adam.step(trainer, learningRate: 1e-3)
      guard step != 2 else { continue }
      let after = trainer.parameters.trained + trainer.parameters.statistics
      for (place, tensor) in after.enumerated() where !isFree(place, kind) {
        let violation = golden.violation("\(kind)_step\(step)_\(place)", tensor.values)
        #expect(violation <= 1, "step \(step), \(place)")
      }
    }
    #expect(adam.steps == 3)
  }

  @Test("is the same in one go, where no derivative goes to memory", arguments: [0, 0.3] as [Float])
  func fused(decay: Float) throws {
    var generator = SplitMix64(8)
    // More values than a block has, and a width that no vector divides.
    let shape = HeadShape(inputs: 301, units: [259, 37, 19, 5])
    let start = HeadParameters(shape, using: &generator)
    let rows = (0..<24 * 301).map { _ in Float.random(in: -1...1, using: &generator) }
    let triplets = (0..<24).map { Triplet(anchor: $0, positive: $0 ^ 1, negative: ($0 + 5) % 24) }
    let loss = try TripletLoss(margin: 1)
    let (apart, together) = (HeadTrainer(start), HeadTrainer(start))
    var (first, second) = (Adam(for: start, weightDecay: decay), Adam(for: start, weightDecay: decay))
    for _ in 0..<3 {
      let masks = apart.dropoutMasks(batch: 24, using: &generator)
      for trainer in [apart, together] {
        let result = loss(trainer.forward(rows, masks: masks), dimension: 5, triplets: triplets)
        if trainer === apart {
          trainer.backward(result.gradient)
          first.step(trainer, learningRate: 1e-3)
        } else {
          trainer.backward(result.gradient, stepping: &second, learningRate: 1e-3)
        }
      }
    }
    #expect(first.steps == 3 && second.steps == 3)
    for (one, other) in zip(apart.parameters.trained, together.parameters.trained) {
      #expect(one.shape == other.shape)
      // Adam makes steps of one size of derivatives near zero, so that rounding shows as a share of the learning rate.
      for (a, b) in zip(one.values, other.values) { #expect(abs(a - b) < 3e-4) }
      let apart = zip(one.values, other.values).filter { abs($0 - $1) > 1e-6 }
      #expect(Double(apart.count) < 0.001 * Double(one.count) + 2)
    }
    #expect(together.parameters.trained[0] != start.trained[0])
  }

  /// Whether a weight only shifts all raw embeddings alike: its derivative is zero but for rounding, which Adam blows
  /// up to whole steps. These are the last beta and the last bias.
  private func isFree(_ place: Int, _ kind: String) -> Bool { kind == "raw" && [11, 13].contains(place) }

  @Test("embeds at inference as Keras does, and as the inference runtime does")
  func inference() throws {
    let golden = try Golden()
    let features = golden["features"]
    #expect(golden.violation("inference", HeadTrainer(golden.before).embed(features)) <= 1)
    let network = try golden.before.network(height: 1, width: 3, channels: 6)
    let plan = try ExecutionPlan(network, height: 1, width: 3, options: PlanOptions(batch: 12))
    #expect(golden.violation("inference", try plan.run(features)) <= 1)
  }

  @Test("has the derivatives of finite differences", arguments: [true, false])
  func finiteDifferences(normalizes: Bool) throws {
    var generator = SplitMix64(3)
    let shape = HeadShape(inputs: 7, units: [6, 5, 4, 3])
    let start = HeadParameters(shape, using: &generator)
    let features = (0..<8 * 7).map { _ in Float.random(in: -1...1, using: &generator) }
    let masks = HeadTrainer(start).dropoutMasks(batch: 8, using: &generator)
    let triplets = (0..<8).map { Triplet(anchor: $0, positive: $0 ^ 1, negative: ($0 + 3) % 8) }
    // With so wide a margin every triplet counts, so that the loss has no kink nearby.
    let loss = try TripletLoss(margin: 50, normalizes: normalizes)
    func value(_ parameters: HeadParameters) -> Double {
      let embeddings = HeadTrainer(parameters).forward(features, masks: masks)
      return Double(loss(embeddings, dimension: 3, triplets: triplets).loss)
    }
    let trainer = HeadTrainer(start)
    trainer.backward(
      loss(trainer.forward(features, masks: masks), dimension: 3, triplets: triplets).gradient)
    var checked = 0
    var close = 0
    for place in start.trained.indices {
      for element in stride(from: 0, to: start.trained[place].count, by: 3) {
        let width: Float = 4e-3
        func moved(_ by: Float) -> HeadParameters {
          var trained = start.trained
          var values = trained[place].values
          values[element] += by
          trained[place] = Tensor(shape: trained[place].shape, values: values)
          return HeadParameters(shape, trained: trained, statistics: start.statistics)
        }
        let difference = (value(moved(width)) - value(moved(-width))) / Double(2 * width)
        let gradient = Double(trainer.gradients[place][element])
        checked += 1
        if abs(difference - gradient) < 0.01 + 0.02 * abs(gradient) { close += 1 }
      }
    }
    #expect(checked > 40)
    // A few elements lie within a step of a ReLU's kink, where a difference is no derivative.
    #expect(Double(close) >= 0.95 * Double(checked), "\(close) of \(checked)")
  }

  @Test("drops the share of values that was asked for and keeps the sum")
  func dropout() {
    var generator = SplitMix64(1)
    let shape = HeadShape(inputs: 2, units: [500, 400, 3, 2])
    let masks = HeadTrainer(HeadParameters(shape, using: &generator)).dropoutMasks(
      batch: 40, using: &generator)
    #expect(masks.map(\.count) == [20_000, 16_000, 0])
    for mask in masks.prefix(2) {
      let dropped = Double(mask.count { $0 == 0 }) / Double(mask.count)
      #expect(abs(dropped - 0.3) < 0.02)
      #expect(mask.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
    }
  }

  @Test(
    "refuses margins that let all embeddings fall together", arguments: [0, -1, .nan, .infinity] as [Float])
  func margin(value: Float) {
    #expect {
      try TripletLoss(margin: value)
    } throws: {
      ($0 as? TrainingError)?.code == .invalidOption
    }
  }
}
