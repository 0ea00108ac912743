/// A size and weight of DejaVu Sans, which covers Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic
/// letters; other scripts show as boxes.
public struct Font: Sendable, Hashable {
  /// The em in pixels.
  public var size: Double
  /// Whether the strokes are thick.
  public var bold: Bool

  /// A font by its parts.
  public init(size: Double, bold: Bool = false) {
    self.size = size
    self.bold = bold
  }
}

/// The room that a line of text takes.
public struct TextExtents: Sendable, Hashable {
  /// From the start of the text to where the next would start.
  public let width: Double
  /// The font's reach above the baseline.
  public let ascent: Double
  /// The font's reach below the baseline.
  public let descent: Double

  /// From the top of the highest letter of the font to the bottom of the lowest.
  public var height: Double { ascent + descent }
}
