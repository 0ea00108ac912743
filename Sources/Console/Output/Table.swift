/// A table of text whose columns line up.
public struct Table: Sendable {
  /// On which side a column's text is flush.
  public enum Alignment: Sendable { case left, right }

  /// A column's heading and alignment.
  public struct Column: Sendable {
    let title: String
    let alignment: Alignment
    let limit: Int

    /// A column flush left, cut at `limit` terminal columns.
    public static func left(_ title: String, limit: Int = 48) -> Column {
      Column(title: title, alignment: .left, limit: limit)
    }

    /// A column flush right, for numbers.
    public static func right(_ title: String) -> Column {
      Column(title: title, alignment: .right, limit: .max)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// An empty table with its columns.
  public init(_ columns: Column...) { self.columns = columns }

  /// An empty table with its columns.
  public init(columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty, superfluous ones are dropped.
  public mutating func append(_ cells: [String]) {
    var row = Array(cells.prefix(columns.count))
    row += Array(repeating: "", count: columns.count - row.count)
    rows.append(row.enumerated().map { TextWidth.truncated(Table.printable($1), to: columns[$0].limit) })
  }

  /// The lines of the table: headings, a rule, the rows; two spaces between columns.
  public var lines: [String] {
    let widths = columns.indices.map { index in
      max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index]) }.max() ?? 0)
    }
    let line = { (cells: [String]) -> String in
      let padded = cells.enumerated().map { index, cell in
        TextWidth.padded(cell, to: widths[index], right: columns[index].alignment == .right)
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return [line(columns.map(\.title)), rule] + rows.map(line)
  }

  /// The whole table, ending in a newline.
  public var text: String { lines.joined(separator: "\n") + "\n" }

  /// `text` with control characters, which could move the cursor, shown as "�".
  private static func printable(_ text: String) -> String {
    String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "�" : $0 })
  }
}
