extension TensorOperation.Context {
  /// The same numbers under other extents.
  func copied(to extents: [Int]) throws(NetworkError) -> PreparedOperation {
    let count = try count(extents)
    guard try self.count(self.extents(0)) == count else {
      throw fault(
        "cannot make \(ActivationShape.tensor(extents)) of \(ActivationShape.tensor(try self.extents(0)))")
    }
    return PreparedOperation(extents: extents) { inputs, to in
      if let from = inputs[0] { to.update(from: from, count: count) }
    }
  }

  func reshaped() throws(NetworkError) -> [Int] {
    let own = try extents(0)
    guard var wanted = try whole(1) else { throw fault("lacks its extents") }
    if operation.integer("allowzero", default: 0) == 0 {
      for axis in wanted.indices where wanted[axis] == 0 {
        guard axis < own.count else {
          throw fault("keeps an extent \(axis + 1) that its input does not have")
        }
        wanted[axis] = own[axis]
      }
    }
    let free = wanted.indices.filter { wanted[$0] == -1 }
    guard free.count <= 1, wanted.allSatisfy({ $0 >= -1 }) else { throw fault("wants extents of \(wanted)") }
    if let axis = free.first {
      wanted[axis] = 1
      let (all, rest) = (try count(own), try count(wanted))
      guard rest > 0, all.isMultiple(of: rest) else {
        throw fault("cannot divide \(ActivationShape.tensor(own)) by \(rest)")
      }
      wanted[axis] = all / rest
    }
    return wanted
  }

  func flattened() throws(NetworkError) -> [Int] {
    let own = try extents(0)
    let given = operation.integer("axis", default: 1)
    let axis = given == own.count ? given : try axis(given, rank: own.count)
    return [own[..<axis].reduce(1, *), own[axis...].reduce(1, *)]
  }

  func squeezed() throws(NetworkError) -> [Int] {
    let own = try extents(0)
    let axes = try whole(1).map { axes throws(NetworkError) in try self.axes(axes, rank: own.count) }
    let gone = axes ?? own.indices.filter { own[$0] == 1 }
    for axis in gone where own[axis] != 1 { throw fault("takes away axis \(axis), which is \(own[axis])") }
    return own.indices.filter { !gone.contains($0) }.map { own[$0] }
  }

  func unsqueezed() throws(NetworkError) -> [Int] {
    let own = try extents(0)
    guard let given = try whole(1) else { throw fault("lacks its axes") }
    let rank = own.count + given.count
    let added = Set(try axes(given, rank: rank))
    var rest = own[...]
    return (0..<rank).map { added.contains($0) ? 1 : rest.popFirst() ?? 1 }
  }

  func transposed() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    let order = try axes(operation.integers["perm"] ?? own.indices.reversed(), rank: own.count)
    guard order.count == own.count else { throw fault("names \(order.count) axes of \(own.count)") }
    let strides = Self.strides(own)
    return try moved(order.map { axis in (0..<own[axis]).map { $0 * strides[axis] } })
  }

  func expanded() throws(NetworkError) -> PreparedOperation {
    guard let wanted = try whole(1) else { throw fault("lacks its extents") }
    let own = try extents(0)
    let result = try repeated(own, wanted)
    _ = try count(result)
    let steps = steps(own, over: result)
    return try moved(result.indices.map { axis in (0..<result[axis]).map { $0 * steps[axis] } })
  }

  func gathered() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    let axis = try axis(operation.integer("axis", default: 0), rank: own.count)
    guard let indices = try whole(1) else { throw fault("lacks its indices") }
    let strides = Self.strides(own)
    var offsets: [Int] = []
    for index in indices {
      let place = index < 0 ? index &+ own[axis] : index
      guard (0..<own[axis]).contains(place) else { throw fault("takes element \(index) of \(own[axis])") }
      offsets.append(place * strides[axis])
    }
    let maps = own.indices.map {
      $0 == axis ? offsets : (0..<own[$0]).map { [stride = strides[$0]] in $0 * stride }
    }
    let moved = try moved(maps)
    let extents = Array(own[..<axis]) + (try self.extents(1)) + Array(own[(axis + 1)...])
    return PreparedOperation(extents: extents, run: moved.run)
  }

  func sliced() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    guard let starts = try whole(1), let ends = try whole(2), starts.count == ends.count else {
      throw fault("lacks its bounds")
    }
    let axes = try axes(try whole(3) ?? Array(starts.indices), rank: own.count)
    let steps = try whole(4) ?? starts.map { _ in 1 }
    guard axes.count == starts.count, steps.count == starts.count else {
      throw fault("has bounds for \(starts.count) axes, not \(axes.count)")
    }
    let strides = Self.strides(own)
    var maps = own.indices.map { axis in (0..<own[axis]).map { $0 * strides[axis] } }
    for (index, axis) in axes.enumerated() {
      let (extent, step) = (own[axis], steps[index])
      guard step != 0 else { throw fault("goes in steps of 0") }
      // Parts of a whole that were worked out for one extent are those of no other.
      if let whole = operation.integers["of"]?.first, whole != extent {
        throw fault("is a part of \(whole), and is given \(extent)")
      }
      func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(value < 0 ? value &+ extent : value, range.lowerBound), range.upperBound)
      }
      let range = step > 0 ? 0...extent : -1...max(extent - 1, -1)
      let start = bound(starts[index], step > 0 ? 0...extent : 0...max(extent - 1, 0))
      let end = bound(ends[index], range)
      maps[axis] = Array(stride(from: start, to: end, by: step)).map { $0 * strides[axis] }
    }
    return try moved(maps)
  }

  func padded() throws(NetworkError) -> PreparedOperation {
    let own = try extents(0)
    guard var pads = try whole(1) else { throw fault("lacks the number of places") }
    if let axes = try whole(3) {
      let axes = try self.axes(axes, rank: own.count)
      guard pads.count == 2 * axes.count else {
        throw fault("has \(pads.count) numbers for \(axes.count) axes")
      }
      var all = [Int](repeating: 0, count: 2 * own.count)
      for (index, axis) in axes.enumerated() {
        (all[axis], all[axis + own.count]) = (pads[index], pads[index + axes.count])
      }
      pads = all
    }
    guard pads.count == 2 * own.count else { throw fault("has \(pads.count) numbers for \(own.count) axes") }
    let mode = operation.words["mode"] ?? "constant"
    guard mode == "constant" || mode == "edge" || mode == "reflect" else { throw fault("pads by \(mode)") }
    let value = operands.count > 2 ? operands[2]?.reals?.first ?? 0 : 0
    let strides = Self.strides(own)
    var maps: [[Int]] = []
    for axis in own.indices {
      let (extent, before, after) = (own[axis], pads[axis], pads[axis + own.count])
      guard abs(before) <= TensorValue.mostElements, abs(after) <= TensorValue.mostElements else {
        throw fault("pads by \(before) and \(after) places")
      }
      guard mode != "reflect" || max(before, after) < extent, extent + before + after >= 0 else {
        throw fault("pads \(extent) by \(before) and \(after) places")
      }
      maps.append(
        (-before..<extent + after).map { place in
          if (0..<extent).contains(place) { return place * strides[axis] }
          switch mode {
          case "edge": return (place < 0 ? 0 : extent - 1) * strides[axis]
          case "reflect": return (place < 0 ? -place : 2 * extent - 2 - place) * strides[axis]
          default: return -1
          }
        })
    }
    return try moved(maps, value: value)
  }

  func concatenated() throws(NetworkError) -> PreparedOperation {
    let first = try extents(0)
    let axis = try axis(operation.integer("axis", default: 0), rank: first.count)
    var total = 0
    var pieces: [Int] = []
    for index in operands.indices {
      let own = try extents(index)
      guard own.count == first.count, own.indices.allSatisfy({ $0 == axis || own[$0] == first[$0] }) else {
        throw fault("is given \(ActivationShape.tensor(first)) and \(ActivationShape.tensor(own))")
      }
      let (sum, overflow) = total.addingReportingOverflow(own[axis])
      guard !overflow else { throw fault("has too large a result") }
      total = sum
      pieces.append(own[axis...].reduce(1, *))
    }
    var extents = first
    extents[axis] = total
    let rows = first[..<axis].reduce(1, *)
    let length = try count(extents) / max(rows, 1)
    return PreparedOperation(extents: extents) { inputs, to in
      var start = 0
      for (input, piece) in zip(inputs, pieces) {
        guard let input else { continue }
        for row in 0..<rows { (to + row * length + start).update(from: input + row * piece, count: piece) }
        start += piece
      }
    }
  }

  /// A result whose every element is one of the operand's: the offset is the sum of one number an axis; where one is
  /// negative, the element is `value`.
  func moved(_ maps: [[Int]], value: Float = 0) throws(NetworkError) -> PreparedOperation {
    let extents = maps.map(\.count)
    let count = try count(extents)
    let last = maps.last ?? [0]
    let outer = Array(maps.dropLast())
    return PreparedOperation(extents: extents) { inputs, to in
      guard let from = inputs[0], count > 0 else { return }
      var places = [Int](repeating: 0, count: outer.count)
      for row in 0..<count / last.count {
        var base = 0
        for (map, place) in zip(outer, places) { base = base < 0 || map[place] < 0 ? -1 : base + map[place] }
        let out = to + row * last.count
        for (index, offset) in last.enumerated() {
          out[index] = base < 0 || offset < 0 ? value : from[base + offset]
        }
        for axis in outer.indices.reversed() {
          places[axis] += 1
          if places[axis] < outer[axis].count { break }
          places[axis] = 0
        }
      }
    }
  }
}
