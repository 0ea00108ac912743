import Support
import Testing

@testable import NeuralNetwork

@Suite("Weights as bytes")
struct QuantizedKernelTests {
  /// A matrix as a block-quantised file has it, and the float32 numbers that it stands for, by the format's definition.
  private struct Matrix {
    let kernel: QuantizedKernel
    /// Output × input.
    let floats: [Float]

    init(
      outputs: Int, inputs: Int, block: Int, isSigned: Bool, _ generator: inout SplitMix64
    ) throws {
      let bytes = (0..<outputs * inputs).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let blocks = (inputs + block - 1) / block
      let scales = (0..<outputs * blocks).map { _ in Float.random(in: 1e-3...1e-1, using: &generator) }
      let range = isSigned ? -128...127 : 0...255
      let zeros = (0..<outputs * blocks).map { _ in Int.random(in: range, using: &generator) }
      let numbers = NarrowNumbers(bytes: bytes, isSigned: isSigned)
      kernel = try #require(
        QuantizedKernel(
          outputs: outputs, inputs: inputs, block: block, values: numbers, scales: scales, zeros: zeros))
      floats = (0..<outputs * inputs).map { index in
        let place = index / inputs * blocks + index % inputs / block
        let number = isSigned ? Int(Int8(bitPattern: bytes[index])) : Int(bytes[index])
        return Float(number - zeros[place]) * scales[place]
      }
    }
  }

  @Test(
    "A matrix of bytes is turned round, whole squares and what is left beside them",
    arguments: [(1, 1), (16, 16), (15, 17), (48, 33), (1, 40), (40, 1), (128, 64), (31, 16)])
  func transposition(rows: Int, columns: Int) {
    var generator = SplitMix64(UInt64(rows * 1_000 + columns))
    let bytes = (0..<rows * columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
    for middle in [0, 128] {
      let numbers = NarrowNumbers(bytes: bytes, isSigned: false)
      let turned = numbers.transposed(rows: rows, columns: columns, less: middle)
      let expected = (0..<rows * columns).map { index in
        Int8(truncatingIfNeeded: Int(bytes[index % rows * columns + index / rows]) - middle)
      }
      #expect(turned == expected)
    }
  }

  @Test("The float32 weights are those of the format, to the bit", arguments: [true, false], [1, 7, 16, 64])
  func weights(isSigned: Bool, block: Int) throws {
    var generator = SplitMix64(5)
    let (outputs, inputs) = (37, 70)
    let matrix = try Matrix(
      outputs: outputs, inputs: inputs, block: block, isSigned: isSigned, &generator)
    let turned = (0..<inputs * outputs).map { matrix.floats[$0 % outputs * inputs + $0 / outputs] }
    #expect(matrix.kernel.floats == turned)
    #expect(TensorValue([outputs, inputs], .bytes(matrix.kernel)).reals == matrix.floats)
    let factors = generator.floats(inputs)
    let sums = (0..<outputs).map { output in
      (0..<inputs).reduce(0.0) {
        $0 + Double(factors[$1]) * Double(matrix.floats[output * inputs + $1])
      }
    }
    #expect(matrix.kernel.sums(of: factors) == sums)
    let (before, after) = (generator.floats(inputs), generator.floats(outputs))
    #expect(
      matrix.kernel.preceded(by: before).scaled(by: after).floats
        == turned.indices.map { turned[$0] * before[$0 / outputs] * after[$0 % outputs] })
  }

  @Test("A file's bytes that do not fit their scales are refused")
  func refusals() {
    let numbers = NarrowNumbers(bytes: [1, 2, 3, 4, 5, 6], isSigned: true)
    func make(_ block: Int, _ scales: [Float], _ zeros: [Int]?) -> QuantizedKernel? {
      QuantizedKernel(outputs: 2, inputs: 3, block: block, values: numbers, scales: scales, zeros: zeros)
    }
    #expect(make(3, [1, 1], [0, 0]) != nil && make(3, [1, 1], nil) != nil)
    #expect(make(0, [1, 1], nil) == nil && make(2, [1, 1], nil) == nil && make(3, [1, 1], [0]) == nil)
    #expect(make(3, [1, 1], [0, 257]) == nil && make(3, [1, .infinity], nil) == nil)
    #expect(make(3, [1, .nan], nil) == nil && make(3, [1, .greatestFiniteMagnitude], nil) == nil)
  }

  private struct Shape: Sendable {
    var inputs, outputs, window, groups, block: Int
  }

  private static let shapes = [
    Shape(inputs: 33, outputs: 70, window: 1, groups: 1, block: 16),
    Shape(inputs: 64, outputs: 32, window: 1, groups: 1, block: 64),
    Shape(inputs: 5, outputs: 24, window: 3, groups: 1, block: 9),
    Shape(inputs: 40, outputs: 40, window: 3, groups: 40, block: 9),
    Shape(inputs: 12, outputs: 18, window: 3, groups: 3, block: 10),
  ]

  @Test("A convolution of bytes gives the bits of the one of float32 weights", arguments: 0..<5)
  func convolution(index: Int) throws {
    let shape = Self.shapes[index]
    var generator = SplitMix64(UInt64(index))
    let (inner, taps) = (shape.inputs / shape.groups, shape.window * shape.window)
    let matrix = try Matrix(
      outputs: shape.outputs, inputs: inner * taps, block: shape.block, isSigned: false, &generator)
    let bias = generator.floats(shape.outputs)
    let window = SlidingWindow(
      height: shape.window, width: shape.window,
      padding: .symmetric(vertical: shape.window / 2, horizontal: shape.window / 2))
    let bytes = Convolution(quantized: matrix.kernel, bias: bias, window: window, groups: shape.groups)
    // From output × input × height × width.
    let values = (0..<taps * inner * shape.outputs).map { place in
      let (output, input, tap) = (
        place % shape.outputs, place / shape.outputs % inner, place / shape.outputs / inner
      )
      return matrix.floats[(output * inner + input) * taps + tap]
    }
    let extents = [shape.window, shape.window, inner, shape.outputs]
    let floats = Convolution(
      kernel: Tensor(shape: extents, values: values), bias: bias, window: window, groups: shape.groups)
    #expect(bytes == floats && bytes.hashValue == floats.hashValue && bytes.kernelCount == values.count)
    #expect(bytes.inputChannels == shape.inputs && bytes.isDepthwise == floats.isDepthwise)

    let input = generator.floats(7 * 6 * shape.inputs)
    let normalizations = (0..<2).map { _ in
      BatchNormalization(
        gamma: generator.floats(shape.outputs), beta: generator.floats(shape.outputs),
        mean: generator.floats(shape.outputs),
        variance: generator.floats(shape.outputs).map { abs($0) + 0.5 },
        epsilon: 1e-3)
    }
    func result(_ layer: Convolution, _ options: PlanOptions, _ count: Int) throws -> [Float] {
      var nodes = [
        Node("rectified", .relu, inputs: [Network.inputName]),
        Node("convolution", .convolution(layer), inputs: ["rectified"]),
      ]
      for normalization in normalizations.prefix(count) {
        nodes.append(
          Node(
            "normalized \(nodes.count)", .batchNormalization(normalization),
            inputs: [nodes[nodes.count - 1].name]))
      }
      let network = try Network(input: InputShape(channels: shape.inputs), nodes: nodes)
      return try ExecutionPlan(network, height: 7, width: 6, options: options).run(input)
    }
    for name in InstructionSet.available {
      for precision in PlanOptions.Precision.allCases {
        for convolutions in PlanOptions.Convolutions.allCases {
          var options = PlanOptions(precision: precision)
          (options.instructionSet, options.convolutions) = (name, convolutions)
          for count in 0...2 {
            #expect(
              try result(bytes, options, count) == result(floats, options, count),
              "\(name) \(precision) \(convolutions), \(count) normalisations")
          }
        }
      }
    }
  }
}
