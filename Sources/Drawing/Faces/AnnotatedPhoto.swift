public import Imaging

/// Draws boxes and labels on a copy of `image`.
///
/// Lines and letters grow with the picture. A label lies below its box where there is room, else above or
/// beside; it stays inside the picture and off the other labels and faces as far as there is room. A line that
/// is wider than the picture is cut.
/// - Complexity: O(*p* + *n*²) for *p* pixels and *n* annotations.
/// - Throws: ``DrawingError`` for a picture with a side above ``Canvas/maximumSide``.
public func annotate(_ image: RGBImage, _ annotations: [FaceAnnotation]) throws(DrawingError) -> RGBImage {
  let canvas = try Canvas(image)
  let side = Double(min(image.width, image.height))
  let lineWidth = max(2, (side / 220).rounded())
  let fontSize = min(max(side / 32, 11), max(11, Double(image.width) / 18))

  let labels = annotations.map { FaceLabel($0.lines, fontSize: fontSize, on: canvas) }
  let frames = LabelLayout(
    picture: Rectangle(x: 0, y: 0, width: Double(image.width), height: Double(image.height)),
    boxes: annotations.map(\.box), gap: lineWidth / 2
  ).frames(for: labels.map { ($0.width, $0.height) })

  for annotation in annotations {
    // A white rim keeps the box visible on a background of its own colour.
    canvas.stroke(
      annotation.box, Stroke(Color(hex: 0xFFFFFF, opacity: 0.8), width: lineWidth * 2), radius: lineWidth * 2)
    canvas.stroke(annotation.box, Stroke(annotation.style.color, width: lineWidth), radius: lineWidth * 2)
  }
  for ((annotation, label), frame) in zip(zip(annotations, labels), frames) where !label.lines.isEmpty {
    label.draw(in: frame, background: annotation.style.color, on: canvas)
  }
  return try canvas.image()
}
