public import Imaging

/// Draws boxes and labels on a copy of `image`.
///
/// Lines and letters grow with the picture. A label lies beside its box, where it covers no face and no other label; a long line
/// is cut where that helps. Where there is no such place, the box gets a number, and a legend below the picture, which is then
/// higher, says who that is; several faces of one style and text, as of people nobody knows, share a line of it.
/// - Complexity: O(*p* + *n*²) for *p* pixels and *n* annotations.
/// - Throws: ``DrawingError`` for a picture with a side above ``Canvas/maximumSide``.
public func annotate(_ image: RGBImage, _ annotations: [FaceAnnotation]) throws(DrawingError) -> RGBImage {
  let side = Double(min(image.width, image.height))
  let lineWidth = max(2, (side / 220).rounded())
  let fontSize = min(max(side / 32, 11), max(11, Double(image.width) / 18))
  let picture = Rectangle(x: 0, y: 0, width: Double(image.width), height: Double(image.height))

  let ruler = try Canvas(width: 1, height: 1)
  let labels = annotations.map { FaceLabel.forms(of: $0, fontSize: fontSize, in: picture, on: ruler) }
  let layout = LabelLayout(picture: picture, boxes: annotations.map(\.box), gap: lineWidth / 2)
  let places = layout.places(for: labels.map { $0.map { ($0.width, $0.height) } })
  let unplaced = readingOrder(
    of: annotations.indices.filter { places[$0] == nil && !annotations[$0].lines.isEmpty }, annotations)
  let legend = FaceLegend(
    unplaced.map { ($0, annotations[$0]) }, fontSize: fontSize, width: picture.width, on: ruler)
  let tags = unplaced.compactMap { index in
    legend.numbers[index].map {
      (index, FaceLabel([String($0)], fontSize: max(8, fontSize * 0.75), width: picture.width, on: ruler))
    }
  }
  let corners = layout.corners(
    for: tags.map { (owner: $0.0, size: ($0.1.width, $0.1.height)) }, besides: places.compactMap { $0?.frame }
  )

  let room = Canvas.maximumSide - image.height
  let strip = legend.height <= Double(room) ? Int(legend.height) : 0
  let canvas = try Canvas(width: image.width, height: image.height + strip)
  canvas.copyPixels(of: image)
  canvas.clipped(to: picture) {
    for annotation in annotations {
      // A white rim keeps the box visible on a background of its own colour.
      canvas.stroke(
        annotation.box, Stroke(Color(hex: 0xFFFFFF, opacity: 0.8), width: lineWidth * 2),
        radius: lineWidth * 2)
      canvas.stroke(
        annotation.box, Stroke(annotation.style.color, width: lineWidth), radius: lineWidth * 2)
    }
    for ((annotation, forms), place) in zip(zip(annotations, labels), places) {
      guard let place, !annotation.lines.isEmpty else { continue }
      forms[place.form].draw(in: place.frame, background: annotation.style.color, on: canvas)
    }
    for ((index, label), frame) in zip(tags, corners) {
      label.draw(in: frame, background: annotations[index].style.color, on: canvas)
    }
  }
  if strip > 0 { legend.draw(from: picture.maxY, on: canvas) }
  return try canvas.image()
}

/// Places of annotations in rows from the top, and from the left in each: so numbers are found.
private func readingOrder(of places: [Int], _ annotations: [FaceAnnotation]) -> [Int] {
  let heights = places.map { annotations[$0].box.height }.sorted()
  guard let height = heights.isEmpty ? nil : max(1, heights[heights.count / 2]) else { return [] }
  func middle(_ place: Int) -> Double { annotations[place].box.y + annotations[place].box.height / 2 }
  var rows: [[Int]] = []
  for place in places.sorted(by: { (middle($0), $0) < (middle($1), $1) }) {
    if let first = rows.last?.first, middle(place) - middle(first) < height / 2 {
      rows[rows.count - 1].append(place)
    } else {
      rows.append([place])
    }
  }
  return rows.flatMap { row in
    row.sorted { (annotations[$0].box.x, $0) < (annotations[$1].box.x, $1) }
  }
}
