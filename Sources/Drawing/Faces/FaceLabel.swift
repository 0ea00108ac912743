/// Lines of text on a filled background, measured.
struct FaceLabel {
  let lines: [String]
  let width: Double
  let height: Double
  private let font: Font
  private let padding: Double
  private let ascent: Double
  private let lineHeight: Double

  /// Lays out `lines`, each cut so that the label is no wider than `width`.
  init(_ lines: [String], fontSize: Double, width most: Double, on canvas: borrowing Canvas) {
    let font = Font(size: fontSize)
    let padding = (fontSize * 0.35).rounded()
    var cut: [String] = []
    var widest = 0.0
    for (index, line) in lines.enumerated() {
      let font = FaceLabel.font(ofLine: index, font)
      let text = canvas.truncated(line, to: most - 2 * padding, font)
      cut.append(text)
      widest = max(widest, canvas.extents(of: text, font).width)
    }
    let extents = canvas.extents(of: "", FaceLabel.font(ofLine: 0, font))
    self.lines = cut
    self.font = font
    self.padding = padding
    ascent = extents.ascent
    lineHeight = extents.height
    width = cut.isEmpty ? 0 : (widest + 2 * padding).rounded(.up)
    height = cut.isEmpty ? 0 : (lineHeight * Double(cut.count) + padding).rounded(.up)
  }

  /// The labels that a face may have, the preferred one first: whole, cut to about the width of the face, and its first line alone.
  static func forms(
    of annotation: FaceAnnotation, fontSize: Double, in picture: Rectangle, on canvas: borrowing Canvas
  ) -> [FaceLabel] {
    let whole = FaceLabel(annotation.lines, fontSize: fontSize, width: picture.width, on: canvas)
    // Less than a few letters name nobody.
    let narrow = min(picture.width, max(annotation.box.width * 1.1, fontSize * 6))
    var forms = [whole]
    if whole.width > narrow {
      forms.append(FaceLabel(annotation.lines, fontSize: fontSize, width: narrow, on: canvas))
    }
    if annotation.lines.count > 1 {
      forms.append(
        FaceLabel(Array(annotation.lines.prefix(1)), fontSize: fontSize, width: narrow, on: canvas))
    }
    return forms
  }

  func draw(in frame: Rectangle, background: Color, on canvas: borrowing Canvas) {
    canvas.fill(frame, background, radius: padding / 2)
    for (index, line) in lines.enumerated() {
      let baseline = frame.y + padding / 2 + ascent + lineHeight * Double(index)
      canvas.text(
        line, at: CanvasPoint(frame.x + padding, baseline), FaceLabel.font(ofLine: index, font), .white)
    }
  }

  /// The name is bold, what follows is not.
  private static func font(ofLine index: Int, _ font: Font) -> Font {
    Font(size: font.size, bold: index == 0)
  }
}
