internal import CCairo
public import Imaging

/// A surface to draw on, in memory as pixels or as SVG; cairo does the work.
///
/// Coordinates are pixels from the upper left corner, y downwards. Drawing outside the surface is cut off.
/// A canvas belongs to one thread at a time.
public struct Canvas: ~Copyable {
  /// The longest side of a surface; cairo's own limit.
  public static let maximumSide = 32767

  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int

  let surface: OpaquePointer
  let context: OpaquePointer
  /// Where an SVG surface writes; `nil` for pixels.
  let sink: ByteSink?

  /// A surface of pixels in one colour.
  ///
  /// - Throws: ``DrawingError`` with code `size` for sides outside 1 … ``maximumSide``, `cairo` without memory.
  public init(width: Int, height: Int, background: Color = .white) throws(DrawingError) {
    try Canvas.check(width, height)
    try self.init(
      surface: cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)), width: width,
      height: height, sink: nil)
    clear(background)
  }

  /// A surface of pixels that shows a picture.
  ///
  /// - Throws: ``DrawingError`` with code `size` for sides above ``maximumSide``, `cairo` without memory.
  public init(_ image: RGBImage) throws(DrawingError) {
    try self.init(width: image.width, height: image.height)
    copyPixels(of: image)
  }

  /// A surface that becomes an SVG file.
  ///
  /// - Throws: ``DrawingError`` with code `size` for sides outside 1 … ``maximumSide``, `cairo` without memory.
  public init(svgWidth width: Int, height: Int, background: Color = .white) throws(DrawingError) {
    try Canvas.check(width, height)
    let sink = ByteSink()
    let surface = cairo_svg_surface_create_for_stream(
      ByteSink.write, Unmanaged.passUnretained(sink).toOpaque(), Double(width), Double(height))
    try self.init(surface: surface, width: width, height: height, sink: sink)
    clear(background)
  }

  private init(surface: OpaquePointer?, width: Int, height: Int, sink: ByteSink?) throws(DrawingError) {
    guard let surface, cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
      let context = cairo_create(surface)
    else {
      let status = surface.map(cairo_surface_status) ?? CAIRO_STATUS_NO_MEMORY
      cairo_surface_destroy(surface)
      throw Canvas.error(status, "make a surface of \(width) × \(height) pixels")
    }
    self.surface = surface
    self.context = context
    self.width = width
    self.height = height
    self.sink = sink
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  private static func check(_ width: Int, _ height: Int) throws(DrawingError) {
    guard (1...maximumSide).contains(width), (1...maximumSide).contains(height) else {
      throw DrawingError(
        .size, "A picture of \(width) × \(height) pixels cannot be drawn: sides go from 1 to \(maximumSide).")
    }
  }

  static func error(_ status: cairo_status_t, _ task: String) -> DrawingError {
    let reason = cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown"
    return DrawingError(.cairo, "cairo could not \(task): \(reason); a smaller picture may help.")
  }

  private func clear(_ color: Color) {
    setSource(color)
    cairo_paint(context)
  }

  func setSource(_ color: Color) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.opacity)
  }
}
