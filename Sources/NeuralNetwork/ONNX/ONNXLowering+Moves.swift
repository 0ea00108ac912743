extension ONNXLowering {
  /// Whole numbers as an operand.
  private func list(_ values: [Int]) -> TensorOperation.Operand {
    .integers(shape: [values.count], values: values)
  }

  mutating func reshape(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let allowzero = ["allowzero": [node.integer("allowzero", default: 0)]]
    if let value = constant(node, 0), case .bytes? = value.numbers, let wanted = constant(node, 1) {
      // Weights stay as they are under other extents.
      let operation = TensorOperation(.reshape, [.result, wanted.operand], integers: allowzero)
      let shape: [Int]
      do {
        shape = try operation.prepare([TensorValue(value.extents), wanted], name: node.title).extents
      } catch {
        throw WeightsError(.unsupported, "In \(file): \(error.message)")
      }
      return try set(node, TensorValue(shape, value.numbers))
    }
    let (operands, inputs) = try operands(node, [0, 1])
    if constant(node, 0) == nil, name(node, 1) != nil, let wanted = sizes(node, 1), wanted.count == 2 {
      // One row of everything is a vector, whatever the size of the image.
      let shape = try shape(node, 0)
      let isRow = wanted[0] == 1 || wanted[0] == 0 && shape.extents[0] == 1 || wanted == [-1, shape.count]
      if isRow, !shape.isTensor, wanted[1] == -1 || wanted[1] == shape.count {
        try add(node, .flattenChannelsFirst, [try layer(node, 0)])
        return
      }
    }
    try add(node, .reshape, operands, inputs, integers: allowzero)
  }

  mutating func flatten(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let axis = node.integer("axis", default: 1)
    if constant(node, 0) == nil, axis == 1, !(try shape(node, 0)).isTensor {
      try add(node, .flattenChannelsFirst, [try layer(node, 0)])
      return
    }
    let (operands, inputs) = try operands(node, [0])
    try add(node, .flatten, operands, inputs, integers: ["axis": [axis]])
  }

  /// Squeeze and Unsqueeze: the axes are an option or, since version 13, an operand.
  mutating func axes(_ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind) throws(WeightsError) {
    if graph.opset >= 13 {
      let (operands, inputs) = try operands(node, [0, 1])
      try add(node, kind, operands, inputs)
    } else {
      let (operands, inputs) = try operands(node, [0])
      try add(node, kind, operands + (node.integers["axes"].map { [list($0)] } ?? []), inputs)
    }
  }

  mutating func slice(_ node: ONNXGraph.Operator) throws(WeightsError) {
    if graph.opset >= 10 {
      let (operands, inputs) = try operands(node, 0..<5)
      try add(node, .slice, operands, inputs)
      return
    }
    guard let starts = node.integers["starts"], let ends = node.integers["ends"] else {
      throw fault(node, "lacks its bounds", .damaged)
    }
    let (operands, inputs) = try operands(node, [0])
    try add(
      node, .slice,
      operands + [list(starts), list(ends), node.integers["axes"].map(list) ?? .absent, .absent], inputs)
  }

  mutating func split(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let extents = try shape(node, 0).extents
    let given = node.integer("axis", default: 0)
    let axis = given < 0 ? given &+ extents.count : given
    guard extents.indices.contains(axis), !node.outputs.isEmpty else {
      throw fault(node, "has an axis \(given) of \(extents.count)")
    }
    let (extent, count) = (extents[axis], node.outputs.count)
    var sizes = node.integers["split"]
    if graph.opset >= 13, name(node, 1) != nil {
      // Sizes that are computed from the image's are known only where its size never changes.
      sizes = constant(node, 1)?.whole ?? (isSizeFixed ? self.sizes(node, 1) : nil)
      guard sizes != nil else { throw fault(node, "divides into parts whose sizes depend on the image") }
    }
    if sizes == nil {
      // Uneven parts came with version 18.
      guard graph.opset >= 18 || extent.isMultiple(of: count) else {
        throw fault(node, "does not divide \(extent) into \(count) equal parts")
      }
      let size = (extent + count - 1) / count
      sizes = (0..<count).map { min(size, extent - min($0 * size, extent)) }
    }
    guard let sizes, sizes.count == count, sizes.allSatisfy({ (0...extent).contains($0) }),
      sizes.reduce(0, +) == extent
    else { throw fault(node, "does not divide \(extent) into \(count) parts") }
    let (operands, inputs) = try operands(node, [0])
    var start = 0
    for (index, size) in sizes.enumerated() {
      if !node.outputs[index].isEmpty {
        try add(
          node, .slice, operands + [list([start]), list([start + size]), list([axis]), list([1])], inputs,
          integers: ["of": [extent]], output: index)
      }
      start += size
    }
  }

  mutating func pad(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let mode = node.words["mode"] ?? "constant"
    if graph.opset >= 11 {
      if mode == "constant", name(node, 2) != nil, constant(node, 2) == nil {
        throw fault(node, "pads with a value that depends on the image")
      }
      if mode == "constant", constant(node, 0) == nil, let pads = constant(node, 1)?.whole,
        name(node, 3) == nil,
        name(node, 2) == nil || constant(node, 2)?.reals?.first == 0
      {
        if try zeroPadding(node, pads) { return }
      }
      let (operands, inputs) = try operands(node, 0..<4)
      try add(node, .pad, operands, inputs, words: ["mode": mode])
      return
    }
    guard let pads = node.integers["pads"] else { throw fault(node, "lacks its pads", .damaged) }
    let value = node.real("value", default: 0)
    if mode == "constant", value == 0, constant(node, 0) == nil, try zeroPadding(node, pads) { return }
    let (operands, inputs) = try operands(node, [0])
    try add(
      node, .pad, operands + [list(pads), .constant(Tensor(shape: [], values: [value]))], inputs,
      words: ["mode": mode])
  }

  /// Zeros around an image as a layer; false where it is something else.
  private mutating func zeroPadding(_ node: ONNXGraph.Operator, _ pads: [Int]) throws(WeightsError) -> Bool {
    guard case .image = try shape(node, 0), pads.count == 8, pads.allSatisfy((0...4096).contains),
      pads[0] == 0, pads[1] == 0, pads[4] == 0, pads[5] == 0
    else { return false }
    try add(
      node, .zeroPadding(top: pads[2], left: pads[3], bottom: pads[6], right: pads[7]), [try layer(node, 0)])
    return true
  }

  mutating func resize(_ node: ONNXGraph.Operator) throws(WeightsError) {
    var words = ["mode": node.words["mode"] ?? "nearest"]
    var integers: [String: [Int]] = [:]
    if node.kind == "Resize", graph.opset >= 11 {
      words["coordinates"] = node.words["coordinate_transformation_mode"] ?? "half_pixel"
      words["nearest"] = node.words["nearest_mode"] ?? "round_prefer_floor"
      guard node.integer("antialias", default: 0) == 0,
        node.words["keep_aspect_ratio_policy"] ?? "stretch" == "stretch"
      else { throw fault(node, "smooths or keeps the sides' ratio, which the runtime does not do") }
      if let axes = node.integers["axes"] { integers["axes"] = axes }
      let (operands, inputs) = try operands(node, 0..<4)
      // An empty list of factors means that the extents count.
      let given = operands.map { operand in operand.value?.extents == [0] ? .absent : operand }
      try add(node, .resize, given, inputs, integers: integers, words: words)
      return
    }
    words["coordinates"] = "asymmetric"
    words["nearest"] = "simple"
    if node.kind == "Upsample", graph.opset < 9 {
      guard let scales = node.reals["scales"] else { throw fault(node, "lacks its factors", .damaged) }
      let (operands, inputs) = try operands(node, [0])
      try add(
        node, .resize, operands + [.absent, .constant(Tensor(scales))], inputs, words: words)
      return
    }
    let (operands, inputs) = try operands(node, [0, 1])
    try add(node, .resize, [operands[0], .absent] + operands.dropFirst(), inputs, words: words)
  }
}
