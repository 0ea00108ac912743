import Foundation
import Imaging
import Testing

@testable import Drawing

@Suite("A chart")
struct ChartTests {
  private func chart(_ points: [CanvasPoint], x: Axis = Axis("x"), y: Axis = Axis("y")) -> Chart {
    Chart(title: "T", subtitle: "s", x: x, y: y, series: [Chart.Series("a", points), Chart.Series("b", [])])
  }

  @Test("linear ticks are round numbers inside the range")
  func linearTicks() {
    #expect(
      AxisTicks(0...1, scale: .linear, count: 5).major.map(AxisTicks.label) == [
        "0", "0.2", "0.4", "0.6", "0.8", "1",
      ])
    #expect(
      AxisTicks(0.85...1, scale: .linear, count: 3).major.map(AxisTicks.label) == [
        "0.85", "0.9", "0.95", "1",
      ])
    #expect(
      AxisTicks(-3e5...2e5, scale: .linear, count: 5).major.map(AxisTicks.label) == [
        "-300k", "-200k", "-100k", "0", "100k", "200k",
      ])
  }

  @Test("logarithmic ticks are powers of ten, with 1, 2, 5 over few decades")
  func logarithmicTicks() {
    let wide = AxisTicks(1e3...1e6, scale: .logarithmic, count: 6)
    #expect(wide.major.map(AxisTicks.label) == ["1k", "10k", "100k", "1M"])
    #expect(wide.minor.count == 24)
    let narrow = AxisTicks(0.9...25, scale: .logarithmic, count: 6)
    #expect(narrow.major.map(AxisTicks.label) == ["1", "2", "5", "10", "20"])
    let huge = AxisTicks(1e-40...1e40, scale: .logarithmic, count: 6)
    #expect(huge.major.count <= 8 && huge.minor.isEmpty)
  }

  @Test("labels read as numbers do")
  func labels() {
    #expect(AxisTicks.label(0.001) == "0.001")
    #expect(AxisTicks.label(0.00002) == "2e-5")
    #expect(AxisTicks.label(1500) == "1.5k")
    #expect(AxisTicks.label(2_500_000) == "2.5M")
    #expect(AxisTicks.label(1234) == "1234")
  }

  @Test("axes span the data, whatever it is")
  func ranges() {
    let linear = Axis("x")
    #expect(linear.shownRange(for: 3...97).contains(3) && linear.shownRange(for: 3...97).contains(97))
    #expect(linear.shownRange(for: 3...97).lowerBound == 0)
    #expect(linear.shownRange(for: 5...5).contains(5))
    #expect(linear.shownRange(for: nil) == 0...1)
    let logarithmic = Axis("y", scale: .logarithmic)
    #expect(logarithmic.shownRange(for: 2...2000).contains(2))
    #expect(logarithmic.shownRange(for: 7...7).lowerBound < 7)
    #expect(Axis("x", scale: .logarithmic, range: -1...1).shownRange(for: 2...3).lowerBound > 0)
  }

  @Test("points land where their values say")
  func placement() throws {
    let chart = chart(
      [CanvasPoint(1, 0), CanvasPoint(100, 1)], x: Axis("x", scale: .logarithmic, range: 1...100),
      y: Axis("y", range: 0...1))
    let canvas = try Canvas(width: 760, height: 460)
    let layout = ChartLayout(chart, on: canvas, scale: 1)
    let middle = layout.place(CanvasPoint(10, 0.5))
    #expect(abs(middle.x - (layout.plot.x + layout.plot.width / 2)) < 1e-9)
    #expect(abs(middle.y - (layout.plot.y + layout.plot.height / 2)) < 1e-9)
  }

  @Test("markers at the ends of an axis lie inside the frame")
  func markersInside() throws {
    let points = [CanvasPoint(0, 0), CanvasPoint(1, 1), CanvasPoint(0, 1), CanvasPoint(1, 0)]
    let chart = Chart(
      title: "", x: Axis("", range: 0...1), y: Axis("", range: 0...1),
      series: [Chart.Series("a", points, style: .markers)])
    let canvas = try Canvas(width: 300, height: 200)
    let plot = ChartLayout(chart, on: canvas, scale: 1).plot
    let image = try chart.image(width: 300, height: 200, scale: 1)
    var inside = 0
    for y in 0..<image.height {
      for x in 0..<image.width where image[x, y] == (0x00, 0x72, 0xB2) {
        inside += 1
        #expect(Double(x) > plot.x && Double(x) < plot.maxX && Double(y) > plot.y && Double(y) < plot.maxY)
      }
    }
    // Four whole circles.
    #expect(inside > 4 * 25)
  }

  @Test("the first series is drawn in the first colour of the palette")
  func ink() throws {
    let image = try chart((0..<10).map { CanvasPoint(Double($0), Double($0 * $0)) }).image(scale: 1)
    var blue = 0
    for y in 0..<image.height {
      for x in 0..<image.width where image[x, y] == (0x00, 0x72, 0xB2) { blue += 1 }
    }
    #expect(blue > 200)
  }

  @Test(
    "values that cannot be shown are left out, not fatal",
    arguments: [
      [], [CanvasPoint(.nan, 1), CanvasPoint(1, .infinity)], [CanvasPoint(-1, -1), CanvasPoint(0, 0)],
      [CanvasPoint(5, 5)],
      [CanvasPoint(1e308, -1e308), CanvasPoint(-1e308, 1e308)],
      [CanvasPoint(1e16, 1e16), CanvasPoint(1e16 + 2, 1e16 + 2)],
      [CanvasPoint(1e-300, 1e-300), CanvasPoint(1e-299, 1)],
    ])
  func oddData(points: [CanvasPoint]) throws {
    for scale in Axis.Scale.allCases {
      let chart = chart(points, x: Axis("x", scale: scale), y: Axis("y", scale: scale))
      #expect(try chart.image(scale: 1).width == 760)
      #expect(try !chart.svg().isEmpty)
    }
  }

  @Test("a chart smaller than its margins is drawn without error")
  func tiny() throws {
    #expect(
      try chart([CanvasPoint(1, 1), CanvasPoint(2, 2)]).image(width: 20, height: 12, scale: 1).width == 20)
  }

  @Test("files are written by their extension; what cannot be written is said")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chart-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let chart = chart([CanvasPoint(1, 1), CanvasPoint(2, 3)])
    try chart.write(to: folder.appendingPathComponent("a.svg"))
    try chart.write(to: folder.appendingPathComponent("a.png"))
    #expect(try Data(contentsOf: folder.appendingPathComponent("a.png")).starts(with: [0x89, 0x50]))
    let format = #expect(throws: DrawingError.self) {
      try chart.write(to: folder.appendingPathComponent("a.gif"))
    }
    #expect(format?.code == .format)
    let path = #expect(throws: DrawingError.self) {
      try chart.write(to: folder.appendingPathComponent("none/a.svg"))
    }
    #expect(path?.code == .unwritable)
    #expect(path?.message.contains("none/a.svg") == true)
  }
}
