internal import CCairo

extension Canvas {
  /// Where text lies from the given point.
  public enum Anchor: Double, Sendable { case start = 0, middle = 0.5, end = 1 }

  /// Writes one line of text with its baseline through `point`, joined and ordered as its scripts are written.
  ///
  /// What DejaVu Sans has no glyph for is taken from other fonts that are installed. Control characters, and those that set the
  /// direction of text, are shown escaped.
  /// - Parameter turn: the angle in degrees, clockwise; −90 reads upwards.
  public func text(
    _ text: String, at point: CanvasPoint, _ font: Font, _ color: Color, anchor: Anchor = .start,
    turn: Double = 0
  ) {
    cairo_save(context)
    cairo_translate(context, point.x, point.y)
    if turn != 0 { cairo_rotate(context, turn / 180 * .pi) }
    let line = TextLine(text, font, on: context)
    cairo_move_to(context, -line.extents.width * anchor.rawValue, 0)
    setSource(color)
    line.draw()
    cairo_restore(context)
  }

  /// The room that one line of text takes.
  public func extents(of text: String, _ font: Font) -> TextExtents {
    TextLine(text, font, on: context).extents
  }

  /// `text`, its end replaced by "…" where it is wider than `width`.
  ///
  /// - Parameter isEndKept: Whether the middle is replaced instead, as in names of files that differ at their end.
  /// - Complexity: O(*n* log *n*) for *n* characters.
  public func truncated(_ text: String, to width: Double, _ font: Font, isEndKept: Bool = false) -> String {
    guard extents(of: text, font).width > width else { return text }
    let characters = Array(text)
    func candidate(_ count: Int) -> String {
      let end = isEndKept ? count * 2 / 3 : 0
      return String(characters[..<(count - end)]) + "…" + String(characters.suffix(end))
    }
    var fits = 0
    var tooMany = characters.count
    while fits + 1 < tooMany {
      let middle = (fits + tooMany) / 2
      if extents(of: candidate(middle), font).width <= width { fits = middle } else { tooMany = middle }
    }
    return candidate(fits)
  }
}
