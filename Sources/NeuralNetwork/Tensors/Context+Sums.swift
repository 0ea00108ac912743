internal import Glibc

extension TensorOperation.Context {
  /// Means, sums and the like over some axes.
  func reduced() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    var given = try whole(1)
    if given?.isEmpty ?? true {
      let isNothing = operation.integer("noop_with_empty_axes", default: 0) != 0
      // Whether the length of one number is that number or its size, programs do not agree.
      if isNothing, operation.kind == .reduceL2 { throw fault("reduces along no axis") }
      given = isNothing ? [] : nil
    }
    let axes = Set(try axes(given ?? Array(own.indices), rank: own.count))
    let kept = own.indices.map { axes.contains($0) ? 1 : own[$0] }
    let keepsAxes = operation.integer("keepdims", default: 1) != 0
    let extents = keepsAxes ? kept : own.indices.filter { !axes.contains($0) }.map { own[$0] }
    let steps = steps(kept, over: own)
    let (count, results) = (try count(own), try count(kept))
    guard count > 0 else { throw fault("is given nothing") }
    let each = Double(count / max(results, 1))
    let kind = operation.kind
    return PreparedOperation(extents: extents) { inputs, to in
      guard let from = inputs[0] else { return }
      var sums = [Double](repeating: kind == .reduceMaximum ? -.infinity : 0, count: results)
      var place = Counter(own, [steps])
      for index in 0..<count {
        let (value, at) = (Double(from[index]), place.offsets[0])
        switch kind {
        case .reduceMaximum: sums[at] = max(sums[at], value)
        case .reduceL2: sums[at] += value * value
        default: sums[at] += value
        }
        place.advance()
      }
      for index in 0..<results {
        switch kind {
        case .reduceMean: to[index] = Float(sums[index] / each)
        case .reduceL2: to[index] = Float(sums[index].squareRoot())
        default: to[index] = Float(sums[index])
        }
      }
    }
  }

  /// Softmax, and scaling to unit length, along one axis or over several together.
  func alongAxis() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    let axis = try axis(operation.integer("axis", default: -1), rank: own.count)
    let isCoerced = operation.integer("coerced", default: 0) != 0
    let length = isCoerced ? own[axis...].reduce(1, *) : own[axis]
    let inner = isCoerced ? 1 : own[(axis + 1)...].reduce(1, *)
    let count = try count(own)
    guard count > 0 else { throw fault("is given nothing") }
    let order = operation.integer("p", default: 2)
    let isSoftmax = operation.kind == .softmax
    return PreparedOperation(extents: own) { inputs, to in
      guard let from = inputs[0] else { return }
      for outer in 0..<count / (length * inner) {
        for lane in 0..<inner {
          let start = outer * length * inner + lane
          var most = -Float.infinity
          if isSoftmax { for index in 0..<length { most = max(most, from[start + index * inner]) } }
          var sum = 0.0
          for index in 0..<length {
            let at = start + index * inner
            let value = isSoftmax ? expf(from[at] - most) : from[at]
            to[at] = value
            sum += isSoftmax ? Double(value) : order == 1 ? Double(abs(value)) : Double(value) * Double(value)
          }
          if !isSoftmax, order != 1 { sum = sum.squareRoot() }
          // A vector of zeros stays one.
          let factor = sum > 0 ? Float(1 / sum) : 0
          for index in 0..<length { to[start + index * inner] *= factor }
        }
      }
    }
  }

  /// A matrix product; axes before the last two are repeated as in element-wise operations.
  func multiplied() throws(NetworkError) -> PreparedOperation {
    var (first, second) = (try extents(0), try extents(1))
    guard !first.isEmpty, !second.isEmpty else { throw fault("multiplies a single number") }
    let isRow = first.count == 1
    let isColumn = second.count == 1
    if isRow { first.insert(1, at: 0) }
    if isColumn { second.append(1) }
    let (rows, inner, columns) = (first[first.count - 2], first[first.count - 1], second[second.count - 1])
    guard second[second.count - 2] == inner else {
      throw fault(
        "cannot multiply \(ActivationShape.tensor(first)) and \(ActivationShape.tensor(second))")
    }
    let batch = try repeated(Array(first.dropLast(2)), Array(second.dropLast(2)))
    let (a, b) = (
      steps(Array(first.dropLast(2)), over: batch).map { $0 * rows * inner },
      steps(Array(second.dropLast(2)), over: batch).map { $0 * inner * columns }
    )
    var extents = batch
    if !isRow { extents.append(rows) }
    if !isColumn { extents.append(columns) }
    let products = try count(batch)
    _ = try count(extents)
    return PreparedOperation(extents: extents) { inputs, to in
      guard let x = inputs[0], let y = inputs[1] else { return }
      var place = Counter(batch, [a, b])
      for product in 0..<products {
        let (left, right) = (x + place.offsets[0], y + place.offsets[1])
        for row in 0..<rows {
          let out = to + (product * rows + row) * columns
          out.update(repeating: 0, count: columns)
          for index in 0..<inner {
            let (factor, line) = (left[row * inner + index], right + index * columns)
            for column in 0..<columns { out[column] += factor * line[column] }
          }
        }
        place.advance()
      }
    }
  }

  /// A transposed convolution of an image: every value adds its multiple of the kernel to the result.
  func transposedConvolution() throws(NetworkError) -> PreparedOperation {
    let (own, kernel) = (try extents(0), try extents(1))
    guard own.count == 4, own[0] == 1, kernel.count == 4 else {
      throw fault("takes an image and a kernel of four axes")
    }
    let groups = operation.integer("group", default: 1)
    guard groups > 0, kernel[0] == own[1], own[1].isMultiple(of: groups) else {
      throw fault("takes \(kernel[0]) channels, but is given \(own[1])")
    }
    func pair(_ name: String, _ value: Int) throws(NetworkError) -> [Int] {
      let given = operation.integers[name] ?? [value, value]
      guard given.count == 2, given.allSatisfy({ (value..<1 << 16).contains($0) }) else {
        throw fault("has \(name) of \(given)")
      }
      return given
    }
    let (stride, dilation) = (try pair("strides", 1), try pair("dilations", 1))
    let extra = try pair("output_padding", 0)
    var pads = operation.integers["pads"] ?? [0, 0, 0, 0]
    guard pads.count == 4, pads.allSatisfy({ (0..<1 << 16).contains($0) }) else {
      throw fault("has pads of \(pads)")
    }
    var size = [0, 0]
    for axis in 0..<2 {
      let whole =
        stride[axis] * (own[axis + 2] - 1) + extra[axis] + (kernel[axis + 2] - 1) * dilation[axis] + 1
      let word = operation.words["auto_pad"] ?? "NOTSET"
      guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(word) else {
        throw fault("has an auto_pad of \(word)")
      }
      // An output's shape may be stated with the images and channels before it.
      let stated = operation.integers["output_shape"].flatMap {
        [2, 4].contains($0.count) ? $0.suffix(2) : nil
      }
      if operation.integers["output_shape"]?.isEmpty == false, stated == nil {
        throw fault("has an output_shape of another rank")
      }
      let wanted =
        stated.map { $0[$0.startIndex + axis] }
        ?? (word.hasPrefix("SAME") ? own[axis + 2] * stride[axis] : nil)
      if word == "VALID" { (pads[axis], pads[axis + 2]) = (0, 0) }
      if let wanted {
        let total = whole - wanted
        guard total >= 0 || stated == nil else {
          throw fault("cannot give an output_shape of \(wanted), at most \(whole)")
        }
        // ONNX, ConvTranspose: only SAME_UPPER has the odd one at the end.
        let all = max(total, 0)
        pads[axis] = word == "SAME_UPPER" ? all / 2 : all - all / 2
        pads[axis + 2] = all - pads[axis]
      }
      size[axis] = whole - pads[axis] - pads[axis + 2]
      guard size[axis] > 0 else { throw fault("leaves nothing") }
    }
    let (perGroup, inner) = (kernel[1], own[1] / groups)
    let extents = [1, perGroup * groups, size[0], size[1]]
    _ = try count(extents)
    if operands.count > 2, let bias = operands[2], bias.extents != [extents[1]] {
      throw fault("has a bias of \(bias.extents), not one value for each output")
    }
    let (area, outArea) = (own[2] * own[3], size[0] * size[1])
    return PreparedOperation(extents: extents) { [pads, size] inputs, to in
      guard let from = inputs[0], let weights = inputs[1] else { return }
      let bias = inputs.count > 2 ? inputs[2] : nil
      for output in 0..<extents[1] {
        let plane = to + output * outArea
        plane.update(repeating: bias?[output] ?? 0, count: outArea)
        let group = output / perGroup
        for input in group * inner..<(group + 1) * inner {
          let source = from + input * area
          let taps = weights + (input * perGroup + output % perGroup) * kernel[2] * kernel[3]
          for ky in 0..<kernel[2] {
            for kx in 0..<kernel[3] {
              let weight = taps[ky * kernel[3] + kx]
              for y in 0..<own[2] {
                let row = y * stride[0] + ky * dilation[0] - pads[0]
                guard (0..<size[0]).contains(row) else { continue }
                for x in 0..<own[3] {
                  let column = x * stride[1] + kx * dilation[1] - pads[1]
                  if (0..<size[1]).contains(column) {
                    plane[row * size[1] + column] += weight * source[y * own[3] + x]
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
