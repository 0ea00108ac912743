/// Text as people are shown it: what could move a terminal's cursor, or turn the order of what stands beside it, is written as
/// an escape.
public enum PrintableText {
  /// `text` with control characters, separators of lines and paragraphs, and characters that set the direction of text escaped.
  ///
  /// ASCII's below the blank become `\x1B`, as `PathText` writes bytes, others `\u202E`, as JSON does: JSON means the same
  /// afterwards. Characters of no width that letters are joined by stay, since some scripts and emoji need them.
  ///
  /// - Parameter keepingLines: Whether line feeds and tabs stay.
  /// - Complexity: O(*n*).
  public static func of(_ text: String, keepingLines: Bool = false) -> String {
    // Most text has none of the bytes that such a character begins with.
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xD8 || $0 == 0xE2 }),
      text.unicodeScalars.contains(where: { isEscaped($0, keepingLines) })
    else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if !isEscaped(scalar, keepingLines) {
        shown.unicodeScalars.append(scalar)
      } else if scalar.value < 0x20 {
        shown += "\\x" + hexadecimal(scalar.value, digits: 2)
      } else {
        shown += "\\u" + hexadecimal(scalar.value, digits: 4)
      }
    }
    return shown
  }

  /// `text` without the characters that ``of(_:keepingLines:)`` escapes.
  public static func stripped(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { !isEscaped($0, false) }))
  }

  private static func isEscaped(_ scalar: Unicode.Scalar, _ keepingLines: Bool) -> Bool {
    switch scalar.value {
    case 0x0A, 0x09: !keepingLines
    case 0..<0x20, 0x7F..<0xA0: true
    // Marks of direction; separators of lines and paragraphs, embeddings and overrides; isolates.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
