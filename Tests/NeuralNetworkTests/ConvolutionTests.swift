import NeuralNetwork
import Support
import Testing

@Suite("Convolutions of any shape, by every kernel")
struct ConvolutionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var height, width, inputs, outputs, kernel, stride, padding: Int
    var testDescription: String {
      "\(height)×\(width)×\(inputs) → \(outputs), \(kernel)×\(kernel)/\(stride) padding \(padding)"
    }
  }

  /// Extents around the tiles' and blocks' edges, images smaller than the kernel, and odd channel counts.
  static let cases: [Case] = {
    var generator = SplitMix64(4)
    var result = [
      Case(height: 1, width: 1, inputs: 40, outputs: 24, kernel: 3, stride: 1, padding: 1),
      Case(height: 3, width: 3, inputs: 33, outputs: 70, kernel: 3, stride: 1, padding: 1),
      Case(height: 4, width: 4, inputs: 256, outputs: 256, kernel: 3, stride: 1, padding: 1),
      Case(height: 8, width: 8, inputs: 128, outputs: 128, kernel: 3, stride: 1, padding: 1),
      Case(height: 17, width: 9, inputs: 17, outputs: 15, kernel: 3, stride: 1, padding: 0),
      Case(height: 30, width: 26, inputs: 3, outputs: 32, kernel: 7, stride: 2, padding: 0),
      Case(height: 5, width: 6, inputs: 64, outputs: 16, kernel: 1, stride: 1, padding: 0),
      Case(height: 2, width: 5, inputs: 5, outputs: 3, kernel: 5, stride: 3, padding: 2),
    ]
    for _ in 0..<12 {
      let kernel = [1, 3, 3, 5].randomElement(using: &generator) ?? 3
      result.append(
        Case(
          height: .random(in: kernel...22, using: &generator),
          width: .random(in: kernel...22, using: &generator),
          inputs: .random(in: 1...70, using: &generator), outputs: .random(in: 1...70, using: &generator),
          kernel: kernel, stride: .random(in: 1...2, using: &generator),
          padding: .random(in: 0...(kernel / 2), using: &generator)))
    }
    return result
  }()

  @Test("The result is that of the definition", arguments: cases)
  func matchesDefinition(shape: Case) throws {
    var generator = SplitMix64(11)
    let count = shape.kernel * shape.kernel * shape.inputs * shape.outputs
    let layer = Convolution(
      kernel: Tensor(
        shape: [shape.kernel, shape.kernel, shape.inputs, shape.outputs], values: generator.floats(count)),
      bias: generator.floats(shape.outputs), strideY: shape.stride, strideX: shape.stride,
      padding: .symmetric(vertical: shape.padding, horizontal: shape.padding))
    // A layer before it makes sure that the blocked layout is read, not the pixels.
    let network = try Network(
      input: InputShape(channels: shape.inputs),
      nodes: [
        Node("rectified", .relu, inputs: [Network.inputName]),
        Node("convolution", .convolution(layer), inputs: ["rectified"]),
      ])
    let input = generator.floats(shape.height * shape.width * shape.inputs)
    let output = try network.shapes(height: shape.height, width: shape.width)[1]
    guard case .image(let height, let width, _) = output else { return }
    let reference = ReferenceConvolution.result(
      layer, input.map { max($0, 0) }, height: shape.height, width: shape.width, top: shape.padding,
      left: shape.padding, outputHeight: height, outputWidth: width)
    let scale = reference.reduce(0) { max($0, abs($1)) }
    for name in InstructionSet.available {
      for convolutions in PlanOptions.Convolutions.allCases {
        var options = PlanOptions()
        options.instructionSet = name
        options.convolutions = convolutions
        let plan = try ExecutionPlan(network, height: shape.height, width: shape.width, options: options)
        let result = try plan.run(input)
        let error = zip(reference, result).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
        #expect(error <= 2e-5 * scale, "\(plan.layerDescriptions.map(\.kernel))")
      }
    }
  }

  /// Both sides of the tiles of 14 and 32 pixels, and odd numbers of blocks.
  static let pointwise = [
    Case(height: 1, width: 1, inputs: 40, outputs: 24, kernel: 1, stride: 1, padding: 0),
    Case(height: 7, width: 7, inputs: 64, outputs: 64, kernel: 1, stride: 1, padding: 0),
    Case(height: 5, width: 6, inputs: 33, outputs: 70, kernel: 1, stride: 1, padding: 0),
    Case(height: 11, width: 3, inputs: 48, outputs: 16, kernel: 1, stride: 1, padding: 0),
    Case(height: 23, width: 19, inputs: 17, outputs: 100, kernel: 1, stride: 1, padding: 0),
  ]

  @Test("1×1 in bfloat16 is the definition's result on rounded numbers", arguments: pointwise)
  func pointwiseBfloat16(shape: Case) throws {
    func rounded(_ value: Float) -> Float {
      let bits = value.bitPattern
      return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }
    var generator = SplitMix64(12)
    let layer = Convolution(
      kernel: Tensor(
        shape: [1, 1, shape.inputs, shape.outputs], values: generator.floats(shape.inputs * shape.outputs)),
      bias: generator.floats(shape.outputs))
    let slopes = generator.floats(shape.outputs)
    let network = try Network(
      input: InputShape(channels: shape.inputs),
      nodes: [
        Node("rectified", .relu, inputs: [Network.inputName]),
        Node("convolution", .convolution(layer), inputs: ["rectified"]),
        Node("slopes", .activation(.prelu(slopes: slopes)), inputs: ["convolution"]),
      ])
    let batch = 2
    let input = generator.floats(batch * shape.height * shape.width * shape.inputs)
    let roundedLayer = Convolution(
      kernel: Tensor(shape: layer.kernel.shape, values: layer.kernel.values.map(rounded)), bias: layer.bias)
    let reference = (0..<batch).flatMap { image in
      let count = input.count / batch
      return ReferenceConvolution.result(
        roundedLayer, input[image * count..<(image + 1) * count].map { rounded(max($0, 0)) },
        height: shape.height, width: shape.width, top: 0, left: 0, outputHeight: shape.height,
        outputWidth: shape.width)
    }.enumerated().map {
      $0.element < 0 ? $0.element * Double(slopes[$0.offset % shape.outputs]) : $0.element
    }
    let scale = reference.reduce(0) { max($0, abs($1)) }
    for name in InstructionSet.available {
      var results: [[Float]] = []
      for threads in [1, 2, 3] {
        var options = PlanOptions(threads: threads, batch: batch, precision: .bfloat16)
        options.instructionSet = name
        let plan = try ExecutionPlan(network, height: shape.height, width: shape.width, options: options)
        #expect(plan.layerDescriptions.contains { $0.kernel.hasPrefix("pointwise") }, "\(name)")
        results.append(try plan.run(input))
      }
      let error = zip(reference, results[0]).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
      #expect(results[0].count == reference.count && error <= 1e-5 * scale, "\(name): \(error)")
      #expect(results.allSatisfy { $0 == results[0] }, "\(name)")
    }
  }
}
