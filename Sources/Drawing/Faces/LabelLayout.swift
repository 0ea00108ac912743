/// Finds a place for every face's label.
struct LabelLayout {
  /// The area that labels stay in.
  let picture: Rectangle
  /// The faces, one a label.
  let boxes: [Rectangle]
  /// The distance of a label from its box.
  let gap: Double

  /// A frame for each label of the given sizes, in their order.
  ///
  /// Greedy: each label takes the place near its box that covers least of the labels before it, then of other
  /// faces, then of its own; where all of those cover a label, the free place nearest to its box.
  /// - Complexity: O(*n*²) for *n* labels in places near their boxes.
  func frames(for sizes: [(width: Double, height: Double)]) -> [Rectangle] {
    var frames: [Rectangle] = []
    for (index, size) in sizes.enumerated() {
      let near = nearPlaces(of: boxes[index], size)
      let costs = near.map { cost($0, owner: index, placed: frames) }
      var best = near[0]
      var least = Double.infinity
      // Places come in order of preference, so that a tie keeps the earlier one.
      for (place, cost) in zip(near, costs) where cost < least {
        best = place
        least = cost
      }
      if covers(best, frames), let free = freePlace(near: boxes[index], size, frames) { best = free }
      frames.append(best)
    }
    return frames
  }

  private func nearPlaces(of box: Rectangle, _ size: (width: Double, height: Double)) -> [Rectangle] {
    let below = box.maxY + gap
    let above = box.y - gap - size.height
    let centered = box.x + (box.width - size.width) / 2
    let flushRight = box.maxX - size.width
    let corners = [
      (box.x, below), (centered, below), (flushRight, below),
      (box.x, above), (centered, above), (flushRight, above),
      (box.maxX + gap, box.y), (box.x - gap - size.width, box.y),
      (box.maxX + gap, box.maxY - size.height), (box.x - gap - size.width, box.maxY - size.height),
      (box.x, box.maxY - gap - size.height), (box.x, box.y + gap),
    ]
    return corners.map {
      Rectangle(x: $0.0, y: $0.1, width: size.width, height: size.height).moved(into: picture)
    }
  }

  private func cost(_ place: Rectangle, owner: Int, placed: [Rectangle]) -> Double {
    let labels = placed.reduce(0) { $0 + $1.overlap(place) }
    var faces = 0.0
    for (index, box) in boxes.enumerated() {
      // A label on its own face hides less than one on somebody else's, which misleads too.
      faces += box.overlap(place) * (index == owner ? 0.5 : 1)
    }
    return labels * 1000 + faces
  }

  private func covers(_ place: Rectangle, _ placed: [Rectangle]) -> Bool {
    placed.contains { $0.overlap(place) > 0 }
  }

  /// The place that covers no label and is nearest to `box`, from a grid of half label heights.
  private func freePlace(near box: Rectangle, _ size: (width: Double, height: Double), _ placed: [Rectangle])
    -> Rectangle?
  {
    guard size.width > 0, size.height > 0 else { return nil }
    let center = CanvasPoint(box.x + box.width / 2, box.y + box.height / 2)
    var best: Rectangle?
    var least = Double.infinity
    let columns = max(1, Int((picture.width - size.width) / (size.width / 4)) + 1)
    let rows = max(1, Int((picture.height - size.height) / (size.height / 2)) + 1)
    for row in 0...rows {
      for column in 0...columns {
        let place = Rectangle(
          x: Double(column) * size.width / 4, y: Double(row) * size.height / 2, width: size.width,
          height: size.height
        ).moved(into: picture)
        let dx = place.x + size.width / 2 - center.x
        let dy = place.y + size.height / 2 - center.y
        let distance = dx * dx + dy * dy
        if distance < least, !covers(place, placed) {
          best = place
          least = distance
        }
      }
    }
    return best
  }
}
