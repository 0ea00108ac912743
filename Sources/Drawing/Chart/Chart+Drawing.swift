extension Chart {
  /// Draws the chart over the whole canvas; `scale` multiplies every length.
  func draw(on canvas: borrowing Canvas, scale: Double) {
    let layout = ChartLayout(self, on: canvas, scale: scale)
    drawTitles(layout, on: canvas)
    drawGrid(layout, on: canvas)
    // A line along the edge keeps its width.
    canvas.clipped(to: layout.plot.insetBy(-scale)) {
      for (index, series) in series.enumerated() { draw(series, SeriesLook(index), layout, on: canvas) }
    }
    drawLegend(layout, on: canvas)
  }

  private func drawTitles(_ layout: ChartLayout, on canvas: borrowing Canvas) {
    let scale = layout.scale
    let width = Double(canvas.width) - 2 * layout.margin
    canvas.text(
      canvas.truncated(title, to: width, layout.titleFont), at: CanvasPoint(layout.margin, 24 * scale),
      layout.titleFont, .black)
    canvas.text(
      canvas.truncated(subtitle, to: width, layout.font), at: CanvasPoint(layout.margin, 42 * scale),
      layout.font,
      .gray)
    let plot = layout.plot
    canvas.text(
      x.label, at: CanvasPoint(plot.x + plot.width / 2, Double(canvas.height) - 10 * scale), layout.labelFont,
      .black,
      anchor: .middle)
    canvas.text(
      y.label, at: CanvasPoint(18 * scale, plot.y + plot.height / 2), layout.labelFont, .black,
      anchor: .middle,
      turn: -90)
  }

  private func drawGrid(_ layout: ChartLayout, on canvas: borrowing Canvas) {
    let plot = layout.plot
    let scale = layout.scale
    let strong = Stroke(.lightGray, width: scale)
    let faint = Stroke(Color(hex: 0xEFEFEF), width: scale)
    let vertical = { (value: Double) in
      let x = layout.place(CanvasPoint(value, layout.yRange.lowerBound)).x
      return [CanvasPoint(x, plot.y), CanvasPoint(x, plot.maxY)]
    }
    let horizontal = { (value: Double) in
      let y = layout.place(CanvasPoint(layout.xRange.lowerBound, value)).y
      return [CanvasPoint(plot.x, y), CanvasPoint(plot.maxX, y)]
    }
    for value in layout.xTicks.minor { canvas.stroke(vertical(value), faint) }
    for value in layout.yTicks.minor { canvas.stroke(horizontal(value), faint) }
    for value in layout.xTicks.major {
      let line = vertical(value)
      canvas.stroke(line, strong)
      canvas.text(
        AxisTicks.label(value), at: CanvasPoint(line[0].x, plot.maxY + 17 * scale), layout.font, .gray,
        anchor: .middle)
    }
    for value in layout.yTicks.major {
      let line = horizontal(value)
      canvas.stroke(line, strong)
      canvas.text(
        AxisTicks.label(value), at: CanvasPoint(plot.x - 7 * scale, line[0].y + layout.font.size * 0.36),
        layout.font,
        .gray, anchor: .end)
    }
    canvas.stroke(plot, Stroke(Color(hex: 0x9A9A9A), width: scale))
  }

  private func draw(_ series: Series, _ look: SeriesLook, _ layout: ChartLayout, on canvas: borrowing Canvas)
  {
    let segments = series.points.split { !x.admits($0.x) || !y.admits($0.y) }.map { $0.map(layout.place) }
    for segment in segments {
      if series.style != .markers { canvas.stroke(segment, look.stroke(dashed: series.dashed, layout.scale)) }
    }
    // Markers on a dense curve would hide it.
    guard series.style == .markers || (series.style == .lineAndMarkers && series.points.count <= 60) else {
      return
    }
    let radius = (series.points.count > 200 ? 2 : 4) * layout.scale
    for point in segments.joined() { look.marker.draw(at: point, radius: radius, look.color, on: canvas) }
  }

  private func drawLegend(_ layout: ChartLayout, on canvas: borrowing Canvas) {
    guard let legend = layout.legend else { return }
    let scale = layout.scale
    for (index, series) in series.enumerated() {
      let look = SeriesLook(index)
      let y = legend.y + (Double(index) + 0.5) * layout.legendLine
      let key = [CanvasPoint(legend.x, y), CanvasPoint(legend.x + 24 * scale, y)]
      if series.style != .markers { canvas.stroke(key, look.stroke(dashed: series.dashed, scale)) }
      if series.style != .line {
        look.marker.draw(at: CanvasPoint(legend.x + 12 * scale, y), radius: 4 * scale, look.color, on: canvas)
      }
      canvas.text(
        canvas.truncated(series.name, to: legend.maxX - legend.x - 32 * scale, layout.font),
        at: CanvasPoint(legend.x + 32 * scale, y + layout.font.size * 0.36), layout.font, .black)
    }
  }
}

/// Colour, marker and dash of the series with a place in the legend.
private struct SeriesLook {
  let color: Color
  let marker: Marker
  private let turn: Int

  init(_ index: Int) {
    color = Color.distinct[index % Color.distinct.count]
    marker = Marker.allCases[index % Marker.allCases.count]
    turn = index / Color.distinct.count
  }

  func stroke(dashed: Bool, _ scale: Double) -> Stroke {
    // Once the colours are used up, the second round is dotted.
    let dashes: [Double] = dashed ? [6, 4] : turn > 0 ? [2, 3] : []
    return Stroke(color, width: 2 * scale, dashes: dashes.map { $0 * scale })
  }
}
