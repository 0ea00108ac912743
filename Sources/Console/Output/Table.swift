internal import Support

/// A table of text whose columns line up.
public struct Table: Sendable {
  /// On which side a column's text is flush.
  public enum Alignment: Sendable { case left, right }

  /// A column's heading and alignment.
  public struct Column: Sendable {
    let title: String
    let alignment: Alignment
    let limit: Int

    /// A column flush left, in a terminal cut at `limit` columns.
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

  /// Whether it has no row.
  public var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; missing cells are empty, superfluous ones are dropped.
  public mutating func append(_ cells: [String]) {
    var row = Array(cells.prefix(columns.count))
    row += Array(repeating: "", count: columns.count - row.count)
    rows.append(row.map { PrintableText.of($0) })
  }

  /// The lines of the table: headings, a rule, the rows; two spaces between columns.
  ///
  /// - Parameter width: The columns of the terminal, to which cells that are flush left are cut, the widest first, each
  ///   with its end replaced by "…"; nil cuts nothing.
  func lines(fitting width: Int?) -> [String] {
    var widths = columns.indices.map { index in
      max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index]) }.max() ?? 0)
    }
    if let width {
      for index in columns.indices { widths[index] = min(widths[index], columns[index].limit) }
      cut(&widths, to: width - 2 * (columns.count - 1))
    }
    let line = { (cells: [String]) -> String in
      let padded = cells.enumerated().map { index, cell in
        TextWidth.padded(
          TextWidth.truncated(cell, to: widths[index]), to: widths[index],
          right: columns[index].alignment == .right)
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return [line(columns.map(\.title)), rule] + rows.map(line)
  }

  /// The whole table, ending in a newline: cut to fit where standard output is a terminal, else with all that its cells hold.
  public var text: String { lines(fitting: Terminal.outputColumns).joined(separator: "\n") + "\n" }

  /// Narrows the widest columns that are flush left until all fit together, none below its heading or eight columns.
  private func cut(_ widths: inout [Int], to room: Int) {
    while widths.reduce(0, +) > room {
      let candidates = columns.indices.filter {
        columns[$0].alignment == .left && widths[$0] > max(8, TextWidth.of(columns[$0].title))
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }
}
