/// Finds a place for every face's label.
struct LabelLayout {
  /// A place for a label.
  struct Place: Hashable {
    /// Where it lies.
    let frame: Rectangle
    /// Which of the label's forms fits there.
    let form: Int
  }

  /// The area that labels stay in.
  let picture: Rectangle
  /// The faces, one a label.
  let boxes: [Rectangle]
  /// The distance of a label from its box.
  let gap: Double

  /// A place for each label, in their order: beside its box, where it covers no face and no label before it; nil where there is none.
  ///
  /// - Parameter forms: The sizes that each label may have, the preferred one first.
  /// - Complexity: O(*n*²) for *n* labels.
  func places(for forms: [[(width: Double, height: Double)]]) -> [Place?] {
    var frames: [Rectangle] = []
    return forms.enumerated().map { index, sizes in
      for (form, size) in sizes.enumerated() {
        let free = nearPlaces(of: boxes[index], size).first { place in
          isFree(place, frames) && !boxes.contains { $0.overlap(place) > 0 }
        }
        guard let free else { continue }
        frames.append(free)
        return Place(frame: free, form: form)
      }
      return nil
    }
  }

  /// A place for each of some small tags, in their order: beside a corner of its owner's box, where it covers no face, no label
  /// and no tag before it; else in the box's upper left corner.
  func corners(
    for tags: [(owner: Int, size: (width: Double, height: Double))], besides labels: [Rectangle]
  ) -> [Rectangle] {
    var frames = labels
    return tags.map { owner, size in
      let box = boxes[owner]
      let around = [
        (box.x, box.y - size.height), (box.maxX - size.width, box.y - size.height), (box.x, box.maxY),
        (box.maxX - size.width, box.maxY),
      ].map { Rectangle(x: $0.0, y: $0.1, width: size.width, height: size.height) }
      let inside = Rectangle(x: box.x, y: box.y, width: size.width, height: size.height).moved(into: picture)
      let free = around.first { place in
        place == place.moved(into: picture) && isFree(place, frames)
          && !boxes.contains { $0.overlap(place) > 0 }
      }
      frames.append(free ?? inside)
      return free ?? inside
    }
  }

  private func isFree(_ place: Rectangle, _ placed: [Rectangle]) -> Bool {
    !placed.contains { $0.overlap(place) > 0 }
  }

  /// The places beside a box, the preferred one first.
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
    ]
    return corners.map {
      Rectangle(x: $0.0, y: $0.1, width: size.width, height: size.height).moved(into: picture)
    }
  }
}
