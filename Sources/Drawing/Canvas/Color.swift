/// A colour in sRGB with an opacity, each part from 0 to 1.
public struct Color: Sendable, Hashable {
  /// The parts, from 0 to 1.
  public var red: Double, green: Double, blue: Double
  /// From 0 (invisible) to 1 (opaque).
  public var opacity: Double

  /// A colour by its parts.
  public init(red: Double, green: Double, blue: Double, opacity: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.opacity = opacity
  }

  /// A colour by its bytes as in HTML: `0xD55E00`.
  public init(hex: UInt32, opacity: Double = 1) {
    self.init(
      red: Double(hex >> 16 & 0xFF) / 255, green: Double(hex >> 8 & 0xFF) / 255,
      blue: Double(hex & 0xFF) / 255,
      opacity: opacity)
  }

  /// Paper.
  public static let white = Color(hex: 0xFFFFFF)
  /// Text.
  public static let black = Color(hex: 0x1A1A1A)
  /// Secondary text and axes.
  public static let gray = Color(hex: 0x6B6B6B)
  /// Grid lines.
  public static let lightGray = Color(hex: 0xDDDDDD)

  /// Colours that people with any kind of colour vision tell apart (Okabe and Ito, 2008), those with enough
  /// contrast on white.
  public static let distinct: [Color] = [
    Color(hex: 0x0072B2), Color(hex: 0xD55E00), Color(hex: 0x009E73), Color(hex: 0xCC79A7),
    Color(hex: 0xE69F00), Color(hex: 0x56B4E9), Color(hex: 0x000000),
  ]
}
