internal import Glibc

extension TensorOperation.Context {
  /// Where each place along an axis comes from.
  struct Axis {
    /// The places before and after, and how near the one after is.
    var lower: [Int]
    var upper: [Int]
    var share: [Float]
  }

  /// The extents of the result and the factors of a resizing.
  private func factors(_ own: [Int]) throws(NetworkError) -> (extents: [Int], factors: [Float]) {
    var axes = Array(own.indices)
    if let given = operation.integers["axes"] { axes = try self.axes(given, rank: own.count) }
    var (extents, factors) = (own, own.map { _ in Float(1) })
    if let sizes = try whole(3), !sizes.isEmpty {
      guard sizes.count == axes.count else { throw fault("has \(sizes.count) sizes for \(axes.count) axes") }
      for (axis, size) in zip(axes, sizes) {
        extents[axis] = size
        factors[axis] = Float(size) / Float(own[axis])
      }
    } else if operands.count > 2, let scales = operands[2] {
      guard let scales = scales.reals else { throw fault("has factors that depend on the image") }
      guard scales.count == axes.count else {
        throw fault("has \(scales.count) factors for \(axes.count) axes")
      }
      for (axis, scale) in zip(axes, scales) {
        guard scale.isFinite, scale > 0, Float(own[axis]) * scale < Float(TensorValue.mostElements) else {
          throw fault("has a factor of \(scale)")
        }
        extents[axis] = Int((Float(own[axis]) * scale).rounded(.down))
        factors[axis] = scale
      }
    } else {
      throw fault("has neither factors nor sizes")
    }
    guard try count(extents) > 0 else { throw fault("leaves nothing") }
    return (extents, factors)
  }

  /// Which place of the input a place of the result stands at.
  private func source(_ place: Int, _ factor: Float, from extent: Int, to result: Int) throws(NetworkError)
    -> Float
  {
    let x = Float(place)
    switch operation.words["coordinates"] ?? "half_pixel" {
    case "asymmetric": return x / factor
    case "half_pixel": return (x + 0.5) / factor - 0.5
    case "pytorch_half_pixel": return result > 1 ? (x + 0.5) / factor - 0.5 : 0
    case "align_corners": return result > 1 ? x * Float(extent - 1) / Float(result - 1) : 0
    case "half_pixel_symmetric":
      let adjustment = Float(result) / (factor * Float(extent))
      let offset = Float(extent) / 2 * (1 - adjustment)
      return offset + (x + 0.5) / factor - 0.5
    case let mode: throw fault("places pixels by \(mode), which the runtime does not have")
    }
  }

  /// The places that nearest neighbours come from, one list an axis; nil when the resizing interpolates.
  func nearest() throws(NetworkError) -> [[Int]]? {
    guard operation.words["mode"] ?? "nearest" == "nearest" else { return nil }
    let own = try extents(0)
    let (extents, factors) = try factors(own)
    let rounding = operation.words["nearest"] ?? "round_prefer_floor"
    var maps: [[Int]] = []
    for axis in own.indices {
      var places: [Int] = []
      for place in 0..<extents[axis] {
        if extents[axis] == own[axis], factors[axis] == 1 {
          places.append(place)
          continue
        }
        let x = try source(place, factors[axis], from: own[axis], to: extents[axis])
        let rounded: Float
        switch rounding {
        // Before version 11 of the operators onnxruntime rounds down when it enlarges, and up when it shrinks.
        case "simple": rounded = x.rounded(factors[axis] < 1 ? .up : .down)
        case "floor": rounded = x.rounded(.down)
        case "ceil": rounded = x.rounded(.up)
        case "round_prefer_ceil": rounded = (x + 0.5).rounded(.down)
        case "round_prefer_floor": rounded = (x - 0.5).rounded(.up)
        default: throw fault("rounds by \(rounding), which the runtime does not have")
        }
        places.append(min(max(Int(rounded), 0), own[axis] - 1))
      }
      maps.append(places)
    }
    return maps
  }

  func resized() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    if let maps = try nearest() {
      let strides = Self.strides(own)
      return try moved(maps.indices.map { axis in maps[axis].map { $0 * strides[axis] } })
    }
    guard operation.words["mode"] == "linear" else {
      throw fault("interpolates by \(operation.words["mode"] ?? "?"), which the runtime does not have")
    }
    let (extents, factors) = try factors(own)
    guard own.count >= 2, extents.dropLast(2) == own.dropLast(2) else {
      throw fault("interpolates over other axes than the last two")
    }
    func axis(_ index: Int) throws(NetworkError) -> Axis {
      var result = Axis(lower: [], upper: [], share: [])
      for place in 0..<extents[index] {
        let x = try source(place, factors[index], from: own[index], to: extents[index])
        let clamped = min(max(x, 0), Float(own[index] - 1))
        let lower = Int(clamped)
        result.lower.append(lower)
        result.upper.append(min(lower + 1, own[index] - 1))
        result.share.append(clamped - Float(lower))
      }
      return result
    }
    let (rows, columns) = (try axis(own.count - 2), try axis(own.count - 1))
    let planes = own.dropLast(2).reduce(1, *)
    let (height, width) = (own[own.count - 2], own[own.count - 1])
    return PreparedOperation(extents: extents) { inputs, to in
      guard let from = inputs[0] else { return }
      var out = to
      for plane in 0..<planes {
        for y in rows.lower.indices {
          let upper = from + (plane * height + rows.lower[y]) * width
          let lower = from + (plane * height + rows.upper[y]) * width
          let share = rows.share[y]
          for x in columns.lower.indices {
            let (a, b, part) = (columns.lower[x], columns.upper[x], columns.share[x])
            let top = upper[a] + (upper[b] - upper[a]) * part
            let bottom = lower[a] + (lower[b] - lower[a]) * part
            out[x] = top + (bottom - top) * share
          }
          out += columns.lower.count
        }
      }
    }
  }
}
