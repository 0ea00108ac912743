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

  /// What a row has in a column, for people and for programs.
  public struct Cell: Sendable, ExpressibleByStringLiteral {
    let text: String
    let value: String

    /// A cell that people and programs read alike.
    public init(_ text: String) { self.init(text, value: text) }

    /// A cell that people and programs read alike.
    public init(stringLiteral text: String) { self.init(text) }

    /// A cell of which programs read something else: all digits of a number, a whole path.
    public init(_ text: String, value: String) {
      (self.text, self.value) = (PrintableText.of(text), PrintableText.of(value))
    }
  }

  private struct Row {
    let cells: [Cell]
    let isForPeople: Bool
  }

  private let columns: [Column]
  private var rows: [Row] = []
  private var limit: (count: Int, rest: @Sendable (Int) -> String)?

  /// An empty table with its columns.
  public init(_ columns: Column...) { self.columns = columns }

  /// An empty table with its columns.
  public init(columns: [Column]) { self.columns = columns }

  /// Whether people are shown nothing of it.
  public var isEmpty: Bool { !rows.contains(where: \.isForPeople) }

  /// Adds a row; missing cells are empty, superfluous ones are dropped.
  ///
  /// - Parameter isForPeople: Whether people are shown it, too.
  public mutating func append(_ cells: [String], isForPeople: Bool = true) {
    append(cells.map { Cell($0) }, isForPeople: isForPeople)
  }

  /// Adds a row; missing cells are empty, superfluous ones are dropped.
  ///
  /// - Parameters:
  ///   - repeated: The columns that say the same as in the row above, and are empty for people.
  ///   - isForPeople: Whether people are shown the row, too.
  public mutating func append(
    _ cells: [Cell], repeating repeated: Set<Int> = [], isForPeople: Bool = true
  ) {
    var row = cells.prefix(columns.count).enumerated().map { index, cell in
      repeated.contains(index) ? Cell("", value: cell.value) : cell
    }
    row += Array(repeating: "", count: columns.count - row.count)
    rows.append(Row(cells: row, isForPeople: isForPeople))
  }

  /// Shows people the first rows only, and then a line that says how many there are besides; programs read all.
  ///
  /// - Parameter rest: The line with its end, of the number of the other rows, which is not 0.
  public mutating func show(first count: Int, rest: @escaping @Sendable (Int) -> String) {
    limit = (count, rest)
  }

  /// The lines of the table: headings, a rule, the rows; two spaces between columns.
  ///
  /// - Parameter width: The columns of the terminal, to which cells that are flush left are cut, the widest first, each
  ///   with its end replaced by "…"; nil cuts nothing.
  func lines(fitting width: Int?) -> [String] {
    lines(of: rows.filter(\.isForPeople).map { $0.cells.map(\.text) }[...], fitting: width)
  }

  private func lines(of rows: ArraySlice<[String]>, fitting width: Int?) -> [String] {
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

  /// The table as text, fitted to the width of the terminal where standard output is one.
  public var text: String { text(fitting: Terminal.outputColumns) }

  /// What people are shown; nothing of an empty table.
  ///
  /// - Parameter width: The columns of the terminal; nil cuts nothing.
  func text(fitting width: Int?) -> String {
    let rows = rows.filter(\.isForPeople).map { $0.cells.map(\.text) }
    guard !rows.isEmpty else { return "" }
    let shown = rows.prefix(limit?.count ?? .max)
    let rest = rows.count - shown.count
    return lines(of: shown, fitting: width).joined(separator: "\n") + "\n"
      + (rest > 0 ? limit?.rest(rest) ?? "" : "")
  }

  /// The whole table for programs: a line of headings, and one a row.
  var csv: String {
    CSVText.line(columns.map(\.title)) + rows.map { CSVText.line($0.cells.map(\.value)) }.joined()
  }

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
