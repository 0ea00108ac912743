public import Foundation
public import Imaging
internal import Support

extension Chart {
  /// The chart as an SVG file.
  ///
  /// - Throws: ``DrawingError`` for a side outside 1 … ``Canvas/maximumSide``.
  public func svg(width: Int = 760, height: Int = 460) throws(DrawingError) -> [UInt8] {
    let canvas = try Canvas(svgWidth: width, height: height)
    draw(on: canvas, scale: 1)
    return try canvas.svg()
  }

  /// The chart as a PNG file with `scale` pixels for every one of the SVG.
  ///
  /// - Throws: ``DrawingError`` for a side outside 1 … ``Canvas/maximumSide``.
  public func png(width: Int = 760, height: Int = 460, scale: Double = 2) throws(DrawingError) -> [UInt8] {
    let canvas = try bitmap(width, height, scale)
    return try canvas.png()
  }

  /// The chart as a picture with `scale` pixels for every one of the SVG.
  ///
  /// - Throws: ``DrawingError`` for a side outside 1 … ``Canvas/maximumSide``.
  public func image(width: Int = 760, height: Int = 460, scale: Double = 2) throws(DrawingError) -> RGBImage {
    let canvas = try bitmap(width, height, scale)
    return try canvas.image()
  }

  /// Writes the chart to a file, as SVG or PNG by the file's extension.
  ///
  /// - Throws: ``DrawingError`` with code `format` for another extension, `unwritable` with the system's reason.
  public func write(to url: URL, width: Int = 760, height: Int = 460) throws(DrawingError) {
    let bytes =
      switch url.pathExtension.lowercased() {
      case "svg": try svg(width: width, height: height)
      case "png": try png(width: width, height: height)
      default:
        throw DrawingError(
          .format, "\(url.path) names no format for charts: end the name in .svg or .png.")
      }
    do {
      try ReplacementFile.write(bytes, to: url.path(percentEncoded: false))
    } catch {
      throw DrawingError(.unwritable, error.description)
    }
  }

  private func bitmap(_ width: Int, _ height: Int, _ scale: Double) throws(DrawingError) -> Canvas {
    let limit = Double(Canvas.maximumSide) + 1
    let pixels = { (side: Int) in Int(min(max(Double(side) * scale, 0), limit)) }
    let canvas = try Canvas(width: pixels(width), height: pixels(height))
    draw(on: canvas, scale: scale)
    return canvas
  }
}
