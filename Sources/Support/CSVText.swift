/// Comma-separated values as RFC 4180 has them, with line feeds at the ends of lines.
public enum CSVText {
  /// A text as a field: in quotes where it has a quote, a comma or a line's end.
  public static func field(_ text: String) -> String {
    guard text.contains(where: { "\",\n\r\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// Texts as a line with its end.
  public static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }
}
