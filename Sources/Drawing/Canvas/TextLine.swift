internal import CCairo
internal import CPango
internal import Support

/// One line of text, shaped and measured: drawn by Pango, or letter by letter by cairo where Pango is not installed.
///
/// Lives as long as the canvas whose context it was made for.
struct TextLine: ~Copyable {
  private static let family = "DejaVu Sans"

  let extents: TextExtents
  private let context: OpaquePointer
  private let shaped: OpaquePointer?
  private let text: String
  private let font: Font

  /// Lays out `text`; control characters, and those that set the direction of text, are shown escaped.
  init(_ text: String, _ font: Font, on context: OpaquePointer) {
    let text = PrintableText.of(text)
    (self.text, self.font, self.context) = (text, font, context)
    shaped = fg_text_line_make(context, text, text.utf8.count, TextLine.family, font.size, font.bold)
    if let shaped {
      let measured = fg_text_line_measure(shaped)
      extents = TextExtents(width: measured.width, ascent: measured.ascent, descent: measured.descent)
    } else {
      TextLine.select(font, context)
      var measured = cairo_text_extents_t()
      var fontExtents = cairo_font_extents_t()
      cairo_text_extents(context, text, &measured)
      cairo_font_extents(context, &fontExtents)
      extents = TextExtents(
        width: measured.x_advance, ascent: fontExtents.ascent, descent: fontExtents.descent)
    }
  }

  deinit {
    if let shaped { fg_text_line_free(shaped) }
  }

  /// Draws it in the context's colour, the baseline from the context's point on.
  func draw() {
    if let shaped {
      fg_text_line_draw(shaped, context)
    } else {
      TextLine.select(font, context)
      cairo_show_text(context, text)
    }
  }

  /// The glyphs' numbers in their fonts, from left to right; none where Pango is not installed.
  var glyphs: [UInt32] {
    guard let shaped else { return [] }
    let count = fg_text_line_glyphs(shaped, nil, 0)
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = min(count, fg_text_line_glyphs(shaped, buffer.baseAddress, count))
    }
  }

  private static func select(_ font: Font, _ context: OpaquePointer) {
    cairo_select_font_face(
      context, family, CAIRO_FONT_SLANT_NORMAL, font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, font.size)
  }
}
