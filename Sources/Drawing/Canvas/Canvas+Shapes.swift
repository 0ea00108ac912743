internal import CCairo

/// How a line is drawn.
public struct Stroke: Sendable, Hashable {
  /// The line's colour.
  public var color: Color
  /// The line's width in pixels.
  public var width: Double
  /// Lengths of dash and gap in turn, in pixels; empty for a solid line.
  public var dashes: [Double]

  /// A stroke by its parts.
  public init(_ color: Color, width: Double = 1, dashes: [Double] = []) {
    self.color = color
    self.width = width
    self.dashes = dashes
  }
}

extension Canvas {
  /// Fills a rectangle, its corners rounded by `radius` pixels.
  public func fill(_ rectangle: Rectangle, _ color: Color, radius: Double = 0) {
    addPath(of: rectangle, radius: radius)
    setSource(color)
    cairo_fill(context)
  }

  /// Draws a rectangle's outline, half of the line's width on either side of the edge.
  public func stroke(_ rectangle: Rectangle, _ stroke: Stroke, radius: Double = 0) {
    addPath(of: rectangle, radius: radius)
    paint(stroke)
  }

  /// Draws a line through `points`; fewer than two draw nothing.
  public func stroke(_ points: [CanvasPoint], _ stroke: Stroke, closed: Bool = false) {
    guard points.count > 1 else { return }
    addPath(through: points)
    if closed { cairo_close_path(context) }
    paint(stroke)
  }

  /// Fills the polygon with corners `points`.
  public func fill(_ points: [CanvasPoint], _ color: Color) {
    guard points.count > 2 else { return }
    addPath(through: points)
    cairo_close_path(context)
    setSource(color)
    cairo_fill(context)
  }

  /// Fills a circle.
  public func fillCircle(at center: CanvasPoint, radius: Double, _ color: Color) {
    cairo_new_path(context)
    cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
    setSource(color)
    cairo_fill(context)
  }

  /// Runs `draw` with everything outside `rectangle` cut off.
  public func clipped<Failure: Error>(to rectangle: Rectangle, _ draw: () throws(Failure) -> Void)
    throws(Failure)
  {
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_clip(context)
    try draw()
  }

  private func addPath(through points: [CanvasPoint]) {
    cairo_new_path(context)
    for point in points { cairo_line_to(context, point.x, point.y) }
  }

  private func addPath(of rectangle: Rectangle, radius: Double) {
    let radius = min(radius, rectangle.width / 2, rectangle.height / 2)
    guard radius > 0 else {
      cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
      return
    }
    cairo_new_path(context)
    let left = rectangle.x + radius
    let right = rectangle.maxX - radius
    let top = rectangle.y + radius
    let bottom = rectangle.maxY - radius
    cairo_arc(context, right, top, radius, -.pi / 2, 0)
    cairo_arc(context, right, bottom, radius, 0, .pi / 2)
    cairo_arc(context, left, bottom, radius, .pi / 2, .pi)
    cairo_arc(context, left, top, radius, .pi, 1.5 * .pi)
    cairo_close_path(context)
  }

  private func paint(_ stroke: Stroke) {
    setSource(stroke.color)
    cairo_set_line_width(context, stroke.width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, stroke.dashes, Int32(stroke.dashes.count), 0)
    cairo_stroke(context)
  }
}
