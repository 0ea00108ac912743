/// Who the faces are whose labels have no place in the picture, in columns below it.
struct FaceLegend {
  private struct Entry {
    let style: FaceAnnotation.Style
    let tag: String
    let text: String
  }

  /// The numbers of faces that have a line of their own, by their places among all annotations.
  let numbers: [Int: Int]
  /// Pixels.
  let height: Double
  private let entries: [Entry]
  private let font: Font
  /// How many lines a column has, and where each column begins; behind the last one the legend ends.
  private let rows: Int
  private let columns: [Double]
  private let tagWidth: Double
  private let lineHeight: Double
  private let padding: Double

  /// Lays out lines for `faces`, which are annotations with their places among all.
  ///
  /// - Parameter width: The legend's, which longer lines are cut to.
  init(
    _ faces: [(place: Int, annotation: FaceAnnotation)], fontSize: Double, width: Double,
    on canvas: borrowing Canvas
  ) {
    let font = Font(size: fontSize)
    var counts: [FaceAnnotation: Int] = [:]
    for face in faces { counts[Self.kind(face.annotation), default: 0] += 1 }
    var entries: [Entry] = []
    var shared: [Entry] = []
    var numbers: [Int: Int] = [:]
    for (place, annotation) in faces {
      let kind = Self.kind(annotation)
      let text = annotation.lines.joined(separator: "  ")
      let count = counts[kind] ?? 0
      if count > 1 {
        shared.append(Entry(style: annotation.style, tag: "", text: "\(text) (\(count) faces)"))
        counts[kind] = 0
      } else if count == 1 {
        numbers[place] = entries.count + 1
        entries.append(Entry(style: annotation.style, tag: "\(entries.count + 1)", text: text))
      }
    }
    entries += shared
    let lineHeight = (canvas.extents(of: "", font).height * 1.15).rounded(.up)
    let padding = (fontSize * 0.5).rounded(.up)
    var widestTag = lineHeight * 0.7
    for entry in entries {
      widestTag = max(widestTag, canvas.extents(of: entry.tag, Font(size: fontSize, bold: true)).width)
    }
    let tagWidth = widestTag + 2 * padding
    let widths = entries.map { canvas.extents(of: $0.text, font).width + tagWidth + 2 * padding }
    let (rows, columns) = Self.columns(of: widths, width)
    (self.rows, self.columns, self.tagWidth) = (rows, columns, tagWidth)
    height = entries.isEmpty ? 0 : (Double(rows) * lineHeight + 2 * padding).rounded(.up)
    (self.entries, self.numbers, self.font) = (entries, numbers, font)
    (self.lineHeight, self.padding) = (lineHeight, padding)
  }

  /// As many columns, each as wide as its widest line, as there is room for.
  private static func columns(of widths: [Double], _ width: Double) -> (rows: Int, columns: [Double]) {
    for count in stride(from: min(widths.count, 12), to: 1, by: -1) {
      let rows = (widths.count + count - 1) / count
      var edges = [0.0]
      for start in stride(from: 0, to: widths.count, by: rows) {
        edges.append((edges.last ?? 0) + (widths[start..<min(start + rows, widths.count)].max() ?? 0))
      }
      if edges.last ?? 0 <= width { return (rows, edges) }
    }
    return (max(1, widths.count), [0, width])
  }

  /// What faces of one line have in common.
  private static func kind(_ annotation: FaceAnnotation) -> FaceAnnotation {
    FaceAnnotation(
      box: Rectangle(x: 0, y: 0, width: 0, height: 0), lines: annotation.lines, style: annotation.style)
  }

  /// Draws the lines below `top`, column by column.
  func draw(from top: Double, on canvas: borrowing Canvas) {
    for (index, entry) in entries.enumerated() {
      let x = columns[index / rows]
      let end = columns[index / rows + 1]
      let y = top + padding + Double(index % rows) * lineHeight
      canvas.fill(
        Rectangle(x: x + padding / 2, y: y + 1, width: tagWidth - padding, height: lineHeight - 2),
        entry.style.color, radius: padding / 2)
      let baseline = y + lineHeight * 0.76
      canvas.text(
        entry.tag, at: CanvasPoint(x + tagWidth / 2, baseline), Font(size: font.size, bold: true), .white,
        anchor: .middle)
      canvas.text(
        canvas.truncated(entry.text, to: end - x - tagWidth - padding, font),
        at: CanvasPoint(x + tagWidth + padding / 2, baseline), font, .black)
    }
  }
}
