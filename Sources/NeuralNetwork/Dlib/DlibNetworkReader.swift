/// Reads the layers of a dlib network, from the input up.
struct DlibNetworkReader {
  private var reader: DlibReader
  private var nodes: [Node] = []
  private var channels = 3
  /// The result so far, and those that the tags before and after a block hold.
  private var current = Network.inputName
  private var beforeBlock = Network.inputName
  private var afterBlock: String?

  init(_ reader: DlibReader) { self.reader = reader }

  /// Reads the layers whose versions are given, innermost first.
  mutating func read(versions: [Int]) throws(WeightsError) -> Network {
    let (input, preprocessing) = try readInput()
    try readLayer(isInnermost: true)
    var index = 1
    while index < versions.count {
      if versions[index] == 2 {
        try readLayer(isInnermost: false)
      } else if index + 1 < versions.count, versions[index + 1] == 1 {
        afterBlock = current
        current = beforeBlock
        index += 1
      } else {
        beforeBlock = current
      }
      index += 1
    }
    do {
      let network = try Network(input: input, nodes: nodes, preprocessing: preprocessing)
      _ = try network.shapes(height: input.height ?? 150, width: input.width ?? 150)
      return network
    } catch {
      throw WeightsError(.wrongShape, "\(reader.file) does not fit together: \(error.message)")
    }
  }

  private mutating func readInput() throws(WeightsError) -> (InputShape, Preprocessing) {
    let kind = try reader.text()
    guard kind == "input_rgb_image_sized" else {
      throw WeightsError(.unsupported, "The input of \(reader.file) is \(kind), not input_rgb_image_sized.")
    }
    var mean: [Float] = []
    for _ in 0..<3 { mean.append(Float(try reader.number())) }
    let height = try reader.integer()
    let width = try reader.integer()
    return (
      InputShape(height: height, width: width), Preprocessing(order: .rgb, mean: mean, scale: 1 / 256)
    )
  }

  private mutating func readLayer(isInnermost: Bool) throws(WeightsError) {
    let kind = try reader.text()
    let name = "\(kind.split(separator: "_").first ?? "layer")\(nodes.count + 1)"
    switch kind {
    case "con_4": try append(name, convolution(name))
    case "affine_": try append(name, affine(name))
    case "relu_": append(name, .relu)
    case "max_pool_2": try append(name, pooling(.maximum))
    case "avg_pool_2": try append(name, pooling(.average))
    case "fc_2": try append(name, dense(name))
    case "add_prev_":
      nodes.append(
        Node(name, .addition(Addition(paddingWithZeros: true)), inputs: [afterBlock ?? beforeBlock, current]))
      afterBlock = nil
      current = name
    default:
      throw WeightsError(
        .unsupported,
        "Layer \(nodes.count + 1) of \(reader.file) is a \(kind), which the runtime does not have.")
    }
    // What training left behind: three flags and three tensors.
    for _ in 0..<3 { _ = try reader.boolean() }
    for _ in 0..<3 { _ = try reader.tensor() }
    if isInnermost { _ = try reader.integer() }
  }

  private mutating func append(_ name: String, _ layer: Layer) {
    nodes.append(Node(name, layer, inputs: [current]))
    current = name
  }

  private func check(_ values: [Float], _ count: Int, _ name: String) throws(WeightsError) {
    guard values.count == count else {
      throw WeightsError(
        .wrongShape, "Layer \(name) of \(reader.file) has \(values.count) weights, and should have \(count).")
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw WeightsError(
        .notFinite, "Layer \(name) of \(reader.file) has a \(values[place]) at weight \(place).")
    }
  }

  private mutating func integers(_ count: Int) throws(WeightsError) -> [Int] {
    var result: [Int] = []
    for _ in 0..<count { result.append(try reader.integer()) }
    return result
  }

  private func window(_ sizes: [Int]) throws(WeightsError) -> SlidingWindow {
    guard sizes[0...3].allSatisfy({ (1...64).contains($0) }),
      sizes[4...5].allSatisfy({ (0...64).contains($0) })
    else { throw reader.damaged("has an impossible window") }
    return SlidingWindow(
      height: sizes[0], width: sizes[1], strideY: sizes[2], strideX: sizes[3],
      padding: .symmetric(vertical: sizes[4], horizontal: sizes[5]))
  }

  private mutating func convolution(_ name: String) throws(WeightsError) -> Layer {
    let values = try reader.tensor()
    let outputs = try reader.integer()
    let window = try window(try integers(6))
    let filters = try reader.extents(version: 1)
    _ = try reader.extents(version: 1)
    for _ in 0..<4 { _ = try reader.number() }
    let (inputs, height, width) = (channels, window.height, window.width)
    guard filters == [outputs, inputs, height, width] else {
      throw WeightsError(
        .wrongShape,
        "The filters of layer \(name) in \(reader.file) are \(filters), and should be "
          + "\([outputs, inputs, height, width]).")
    }
    let count = outputs * inputs * height * width
    try check(values, count + outputs, name)
    var kernel = [Float](repeating: 0, count: count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<height * width {
          kernel[(tap * inputs + input) * outputs + output] =
            values[(output * inputs + input) * height * width + tap]
        }
      }
    }
    channels = outputs
    return .convolution(
      Convolution(
        kernel: Tensor(shape: [height, width, inputs, outputs], values: kernel),
        bias: Array(values[count...]),
        strideY: window.strideY, strideX: window.strideX, padding: window.padding))
  }

  private mutating func affine(_ name: String) throws(WeightsError) -> Layer {
    let values = try reader.tensor()
    _ = try reader.extents(version: 1)
    _ = try reader.extents(version: 1)
    _ = try reader.integer()
    try check(values, 2 * channels, name)
    return .batchNormalization(
      BatchNormalization(scale: Array(values[..<channels]), shift: Array(values[channels...])))
  }

  private mutating func pooling(_ kind: Pooling.Kind) throws(WeightsError) -> Layer {
    let sizes = try integers(6)
    // A window of no extent is dlib's avg_pool_everything.
    if kind == .average, sizes[0] == 0, sizes[1] == 0 { return .globalAverage }
    return .pooling(Pooling(kind, window: try window(sizes)))
  }

  private mutating func dense(_ name: String) throws(WeightsError) -> Layer {
    let outputs = try reader.integer()
    let inputs = try reader.integer()
    let values = try reader.tensor()
    _ = try reader.extents(version: 1)
    _ = try reader.extents(version: 1)
    let hasBias = try reader.integer() == 0
    for _ in 0..<4 { _ = try reader.number() }
    guard (1...1 << 20).contains(outputs), inputs == channels else {
      throw WeightsError(
        .wrongShape, "Layer \(name) of \(reader.file) takes \(inputs) values, and is given \(channels).")
    }
    try check(values, (inputs + (hasBias ? 1 : 0)) * outputs, name)
    channels = outputs
    return .dense(
      Dense(
        kernel: Tensor(shape: [inputs, outputs], values: Array(values[..<(inputs * outputs)])),
        bias: hasBias ? Array(values[(inputs * outputs)...]) : nil))
  }
}
