public import Imaging

/// Small pictures with captions in a grid.
public struct ContactSheet: Sendable {
  /// A picture and the lines below it.
  public struct Cell: Sendable {
    /// The picture; it keeps its proportions. Nil leaves its square empty.
    public var image: RGBImage?
    /// Lines below it, each cut to the cell's width: the first at its end, the others in their middle.
    public var caption: [String]

    /// A cell by its parts.
    public init(_ image: RGBImage?, caption: [String] = []) {
      self.image = image
      self.caption = caption
    }
  }

  /// A line above the grid; empty for none.
  public var title: String
  /// The cells, in rows from the upper left.
  public var cells: [Cell]
  /// Cells a row; `nil` for a sheet about as wide as high.
  public var columns: Int?
  /// The side in pixels of the square that every picture is fitted into.
  public var cellSide: Int

  /// A sheet by its parts.
  public init(title: String = "", cells: [Cell], columns: Int? = nil, cellSide: Int = 160) {
    self.title = title
    self.cells = cells
    self.columns = columns
    self.cellSide = cellSide
  }

  /// The sheet as a picture.
  ///
  /// - Complexity: O(*p*) for *p* pixels of all pictures and the sheet.
  /// - Throws: ``DrawingError`` with code `empty` without cells, `size` when the sheet or a picture has a side
  ///   above ``Canvas/maximumSide``.
  public func render() throws(DrawingError) -> RGBImage {
    guard !cells.isEmpty else {
      throw DrawingError(.empty, "A contact sheet needs at least one picture.")
    }
    guard (1...Canvas.maximumSide).contains(cellSide) else {
      throw DrawingError(.size, "A cell's side goes from 1 to \(Canvas.maximumSide) pixels, not \(cellSide).")
    }
    let columns = max(1, min(cells.count, columns ?? Int(Double(cells.count).squareRoot().rounded(.up))))
    let rows = (cells.count + columns - 1) / columns
    let lines = cells.map(\.caption.count).max() ?? 0
    let font = Font(size: min(max(11, Double(cellSide) / 11), 24))
    let titleFont = Font(size: font.size * 1.3, bold: true)
    let gap = max(8, cellSide / 16)
    let lineHeight = Int((font.size * 1.3).rounded(.up))
    let top = title.isEmpty ? 0 : Int(titleFont.size * 1.4)

    let canvas = try Canvas(
      width: columns * (cellSide + gap) + gap,
      height: rows * (cellSide + gap + lines * lineHeight) + gap + top)

    if !title.isEmpty {
      let text = canvas.truncated(title, to: Double(canvas.width - 2 * gap), titleFont)
      canvas.text(text, at: CanvasPoint(Double(gap), Double(gap) + titleFont.size), titleFont, .black)
    }
    for (index, cell) in cells.enumerated() {
      let x = Double(gap + index % columns * (cellSide + gap))
      let y = Double(gap + top + index / columns * (cellSide + gap + lines * lineHeight))
      let square = Rectangle(x: x, y: y, width: Double(cellSide), height: Double(cellSide))
      canvas.fill(square, Color(hex: 0xF0F0F0))
      if let image = cell.image { try canvas.draw(image, in: ContactSheet.fitted(image, in: square)) }
      for (line, text) in cell.caption.enumerated() {
        let lineFont = Font(size: font.size, bold: line == 0)
        let baseline = square.maxY + Double(lineHeight * line) + font.size * 1.1
        canvas.text(
          canvas.truncated(text, to: square.width, lineFont, isEndKept: line > 0),
          at: CanvasPoint(x, baseline),
          lineFont,
          line == 0 ? .black : .gray)
      }
    }
    return try canvas.image()
  }

  /// The largest rectangle of the picture's proportions in the middle of `square`.
  private static func fitted(_ image: RGBImage, in square: Rectangle) -> Rectangle {
    let scale = min(square.width / Double(image.width), square.height / Double(image.height))
    let width = max(1, Double(image.width) * scale)
    let height = max(1, Double(image.height) * scale)
    return Rectangle(
      x: square.x + (square.width - width) / 2, y: square.y + (square.height - height) / 2, width: width,
      height: height)
  }
}
