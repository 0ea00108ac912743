/// Where the parts of a chart lie on a canvas.
struct ChartLayout {
  let scale: Double
  let margin: Double
  let font: Font
  let labelFont: Font
  let titleFont: Font
  /// The area between the axes.
  let plot: Rectangle
  /// The area of the legend, `nil` when one series needs none.
  let legend: Rectangle?
  let legendLine: Double
  let xRange: ClosedRange<Double>
  let yRange: ClosedRange<Double>
  let xTicks: AxisTicks
  let yTicks: AxisTicks
  /// Where the data is drawn: markers at its edge are inside the frame.
  private let data: Rectangle
  private let x: Axis
  private let y: Axis

  init(_ chart: Chart, on canvas: borrowing Canvas, scale: Double) {
    self.scale = scale
    x = chart.x
    y = chart.y
    margin = 16 * scale
    font = Font(size: 12 * scale)
    labelFont = Font(size: 13 * scale)
    titleFont = Font(size: 17 * scale, bold: true)
    legendLine = 20 * scale

    let shown = chart.series.flatMap(\.points).filter { chart.x.admits($0.x) && chart.y.admits($0.y) }
    let xRange = chart.x.shownRange(for: ChartLayout.extent(shown.map(\.x)))
    self.xRange = xRange
    // A given range of x decides which points the y axis must fit.
    let visible = shown.filter { xRange.contains($0.x) }
    yRange = chart.y.shownRange(for: ChartLayout.extent(visible.map(\.y)))
    yTicks = AxisTicks(yRange, scale: chart.y.scale, count: max(2, Int(Double(canvas.height) / scale / 70)))

    var widestTick = 0.0
    for value in yTicks.major {
      widestTick = max(widestTick, canvas.extents(of: AxisTicks.label(value), font).width)
    }
    var widestName = 0.0
    for series in chart.series { widestName = max(widestName, canvas.extents(of: series.name, font).width) }

    let left = 34 * scale + widestTick
    let top = (chart.subtitle.isEmpty ? 38 : 56) * scale
    let bottom = Double(canvas.height) - 48 * scale
    let needsLegend = chart.series.count > 1
    let legendWidth = needsLegend ? min(widestName + 34 * scale, Double(canvas.width) * 0.4) : 0
    let right = Double(canvas.width) - margin - (needsLegend ? legendWidth + 14 * scale : 8 * scale)
    plot = Rectangle(x: left, y: top, width: max(1, right - left), height: max(1, bottom - top))
    let rim = chart.series.contains { $0.style != .line } ? 7 * scale : 0
    data = plot.width > 4 * rim && plot.height > 4 * rim ? plot.insetBy(rim) : plot
    legend =
      needsLegend
      ? Rectangle(x: plot.maxX + 14 * scale, y: top, width: legendWidth, height: plot.height) : nil
    xTicks = AxisTicks(xRange, scale: chart.x.scale, count: max(2, Int(plot.width / scale / 80)))
  }

  /// The place on the canvas of a point of the data.
  func place(_ point: CanvasPoint) -> CanvasPoint {
    CanvasPoint(
      data.x + data.width * x.position(of: point.x, in: xRange),
      data.maxY - data.height * y.position(of: point.y, in: yRange))
  }

  private static func extent(_ values: [Double]) -> ClosedRange<Double>? {
    guard let least = values.min(), let greatest = values.max() else { return nil }
    return least...greatest
  }
}
