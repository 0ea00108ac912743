import Foundation
import NeuralNetwork
import Support
import Synchronization
import Testing

@Suite("Plans")
struct ExecutionPlanTests {
  /// Wide enough for several groups of tiles, panels and blocks.
  private func network() throws -> Network {
    var generator = SplitMix64(7)
    func convolution(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> Layer {
      let count = 9 * inputs * outputs
      return .convolution(
        Convolution(
          kernel: Tensor(
            shape: [3, 3, inputs, outputs],
            values: generator.floats(count).map { $0 / Float(inputs).squareRoot() }),
          bias: generator.floats(outputs), strideY: stride, strideX: stride))
    }
    let window = SlidingWindow(height: 2, width: 2, strideY: 2, strideX: 2)
    return try Network(
      input: InputShape(),
      nodes: [
        Node("a", convolution(3, 40), inputs: [Network.inputName]),
        Node("a/relu", .relu, inputs: ["a"]),
        Node("b", convolution(40, 40), inputs: ["a/relu"]),
        Node("sum", .addition(Addition()), inputs: ["a/relu", "b"]),
        Node("sum/relu", .relu, inputs: ["sum"]),
        Node("half", .pooling(Pooling(.average, window: window)), inputs: ["sum/relu"]),
        Node("c", convolution(40, 72, stride: 2), inputs: ["sum/relu"]),
        Node("wide", .addition(Addition(paddingWithZeros: true)), inputs: ["half", "c"]),
        Node("flat", .flatten, inputs: ["wide"]),
        Node(
          "out",
          .dense(
            Dense(
              kernel: Tensor(shape: [17 * 21 * 72, 130], values: generator.floats(17 * 21 * 72 * 130)),
              bias: generator.floats(130))), inputs: ["flat"]),
      ])
  }

  @Test("Every thread count gives the same bits", arguments: PlanOptions.Precision.allCases)
  func threads(precision: PlanOptions.Precision) throws {
    let network = try network()
    var generator = SplitMix64(1)
    let input = generator.floats(2 * 33 * 41 * 3)
    for convolutions in PlanOptions.Convolutions.allCases {
      var reference: [Float]?
      for threads in [1, 2, 3, 5] {
        var options = PlanOptions(threads: threads, batch: 2, precision: precision)
        options.convolutions = convolutions
        let result = try ExecutionPlan(network, height: 33, width: 41, options: options).run(input)
        #expect(result == reference ?? result, "\(threads) threads, \(convolutions)")
        reference = result
      }
    }
  }

  @Test("Plans that run at the same time give the same bits, whoever has the team")
  func concurrentPlans() throws {
    let network = try network()
    var generator = SplitMix64(4)
    let input = generator.floats(33 * 41 * 3)
    let expected = try ExecutionPlan(network, height: 33, width: 41).run(input)
    let equal = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 4) { place in
      guard
        let plan = try? ExecutionPlan(
          network, height: 33, width: 41, options: PlanOptions(threads: 1 + place % 3))
      else { return }
      for _ in 0..<20 where (try? plan.run(input)) == expected { equal.withLock { $0 += 1 } }
    }
    #expect(equal.withLock { $0 } == 80)
  }

  @Test(
    "Plans that share their weights run at the same time, each on its own images",
    arguments: [PlanOptions.Convolutions.automatic, .direct])
  func sharedWeights(convolutions: PlanOptions.Convolutions) throws {
    let network = try network()
    var generator = SplitMix64(5)
    var options = PlanOptions(batch: 2)
    options.convolutions = convolutions
    let images = (0..<4).map { _ in generator.floats(2 * 33 * 41 * 3) }
    let expected = try images.map {
      try ExecutionPlan(network, height: 33, width: 41, options: options).run($0)
    }
    let first = try ExecutionPlan(network, height: 33, width: 41, options: options)
    _ = try first.run(images[3])
    // Each is used by one thread.
    nonisolated(unsafe) let plans =
      try [first] + (1..<4).map { _ in try ExecutionPlan(sharingWeightsOf: first) }
    #expect(plans[3].workingMemory == first.workingMemory && plans[3].outputShape == first.outputShape)
    let equal = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 4) { place in
      for _ in 0..<20 where (try? plans[place].run(images[place])) == expected[place] {
        equal.withLock { $0 += 1 }
      }
    }
    #expect(equal.withLock { $0 } == 80)
  }

  @Test("oneDNN's kernels cannot be shared, and say so")
  func notShared() throws {
    var options = PlanOptions()
    options.convolutions = .oneDNN
    let plan = try ExecutionPlan(try network(), height: 33, width: 41, options: options)
    let error = #expect(throws: NetworkError.self) { try ExecutionPlan(sharingWeightsOf: plan) }
    #expect(error?.message.contains("oneDNN") == true)
  }

  @Test("An image's result does not depend on its place in a batch, nor on what ran before")
  func batches() throws {
    let network = try network()
    var generator = SplitMix64(2)
    let images = (0..<3).map { _ in generator.floats(33 * 41 * 3) }
    let plan = try ExecutionPlan(network, height: 33, width: 41, options: PlanOptions(batch: 3))
    let together = try plan.run(images[0] + images[1] + images[2])
    for (index, image) in images.enumerated() {
      #expect(try plan.run(image) == Array(together[index * 130..<(index + 1) * 130]))
    }
    #expect(try plan.run(images[1] + images[0]) == Array(together[130..<260]) + Array(together[..<130]))
  }

  @Test("A run of fewer images needs no more memory than one of the whole batch")
  func memoryGrowsWithTheBatch() throws {
    // One or a few tiles an image, so that the groups of tiles end at every possible place.
    for (side, channels) in [(4, 16), (4, 64), (8, 32), (12, 16)] {
      let convolution = Convolution(
        kernel: Tensor(
          shape: [3, 3, channels, channels], values: Array(repeating: 0.5, count: 9 * channels * channels)),
        bias: Array(repeating: 0, count: channels))
      let network = try Network(
        input: InputShape(channels: channels),
        nodes: [Node("c", .convolution(convolution), inputs: [Network.inputName])])
      for set in InstructionSet.available {
        // By kernel: plans of other sizes may choose another.
        var before: [String: Int] = [:]
        for batch in 1...300 {
          var options = PlanOptions(batch: batch)
          options.instructionSet = set
          let plan = try ExecutionPlan(network, height: side, width: side, options: options)
          let kernel = plan.layerDescriptions.map(\.kernel).joined(separator: ", ")
          #expect(
            plan.workingMemory >= before[kernel] ?? 0,
            "\(batch) images of \(side)², \(channels) channels: \(kernel)")
          before[kernel] = plan.workingMemory
        }
      }
    }
  }

  @Test("Kept layers are those of the whole network")
  func keptLayers() throws {
    let network = try network()
    var generator = SplitMix64(3)
    let input = generator.floats(33 * 41 * 3)
    let fused = try ExecutionPlan(network, height: 33, width: 41)
    var options = PlanOptions()
    options.outputs = network.nodes.map(\.name)
    let whole = try ExecutionPlan(network, height: 33, width: 41, options: options)
    let (a, b) = (try fused.run(input), try whole.run(input))
    let scale = a.reduce(0) { max($0, abs($1)) }
    #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
    #expect(whole.result(of: "out") == b)
    #expect(fused.result(of: "sum") == nil)
    #expect(fused.layerDescriptions.count < whole.layerDescriptions.count)
    #expect(whole.result(of: "a/relu") == whole.result(of: "a").map { $0.map { max($0, 0) } })
  }

  @Test("bfloat16 stays close to float32, and rounds alike on processors with and without it")
  func bfloat16() throws {
    let network = try network()
    var generator = SplitMix64(5)
    let input = generator.floats(33 * 41 * 3)
    let exact = try ExecutionPlan(network, height: 33, width: 41).run(input)
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    func error(_ a: [Float], _ b: [Float]) -> Double {
      1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    var reference: [Float]?
    for name in InstructionSet.available {
      var options = PlanOptions(precision: .bfloat16)
      options.instructionSet = name
      let plan = try ExecutionPlan(network, height: 33, width: 41, options: options)
      #expect(plan.options.precision == .bfloat16)
      #expect(plan.layerDescriptions.contains { $0.kernel.contains("bfloat16") }, "\(name)")
      let half = try plan.run(input)
      let loss = error(exact, half)
      #expect(loss < 5e-4 && loss > 1e-8, "\(name): \(loss)")
      if let reference {
        #expect(error(reference, half) < loss / 10, "\(name): \(error(reference, half)) of \(loss)")
      }
      reference = reference ?? half
    }
  }

  @Test("Photos go through the preprocessing on record")
  func photos() throws {
    var network = try network()
    #expect(throws: NetworkError.self) {
      try ExecutionPlan(network, height: 33, width: 41).run(rgb: [UInt8](repeating: 0, count: 33 * 41 * 3))
    }
    network.preprocessing = .vggFace
    var generator = SplitMix64(6)
    let photo = (0..<33 * 41 * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let mean = Preprocessing.vggFace.mean
    let values = stride(from: 0, to: photo.count, by: 3).flatMap { at in
      (0..<3).map { Float(photo[at + 2 - $0]) - mean[$0] }
    }
    let plan = try ExecutionPlan(network, height: 33, width: 41)
    #expect(try plan.run(rgb: photo) == plan.run(values))
  }

  @Test("What cannot be planned or run is refused in one sentence")
  func refusals() throws {
    let network = try network()
    #expect(throws: NetworkError.self) { try ExecutionPlan(network, height: 32, width: 41) }
    #expect(throws: NetworkError.self) {
      try ExecutionPlan(network, height: 33, width: 41, options: PlanOptions(batch: 0))
    }
    var options = PlanOptions()
    options.outputs = ["nothing"]
    #expect(throws: NetworkError.self) { try ExecutionPlan(network, height: 33, width: 41, options: options) }
    options = PlanOptions()
    options.instructionSet = "mmx"
    #expect(throws: NetworkError.self) { try ExecutionPlan(network, height: 33, width: 41, options: options) }
    let plan = try ExecutionPlan(network, height: 33, width: 41)
    for count in [0, 1, 33 * 41 * 3 + 1, 2 * 33 * 41 * 3] {
      #expect(throws: NetworkError.self) { try plan.run([Float](repeating: 0, count: count)) }
    }
    #expect(throws: NetworkError.self) { try Network(input: InputShape(), nodes: []) }
    #expect(throws: NetworkError.self) {
      try Network(input: InputShape(), nodes: [Node("x", .relu, inputs: ["later"])])
    }
    #expect(throws: NetworkError.self) {
      try Network(
        input: InputShape(),
        nodes: [Node("x", .relu, inputs: ["input"]), Node("x", .relu, inputs: ["input"])])
    }
  }
}
