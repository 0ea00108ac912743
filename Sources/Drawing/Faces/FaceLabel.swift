/// Lines of text on a filled background, measured.
struct FaceLabel {
  let lines: [String]
  let width: Double
  let height: Double
  private let font: Font
  private let padding: Double
  private let ascent: Double
  private let lineHeight: Double

  /// Lays out `lines`, each cut to the canvas' width.
  init(_ lines: [String], fontSize: Double, on canvas: borrowing Canvas) {
    let font = Font(size: fontSize)
    let padding = (fontSize * 0.35).rounded()
    var cut: [String] = []
    var widest = 0.0
    for (index, line) in lines.enumerated() {
      let font = FaceLabel.font(ofLine: index, font)
      let text = canvas.truncated(line, to: Double(canvas.width) - 2 * padding, font)
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
