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
    let leavingOut: Int?

    /// A column flush left, in a terminal cut at `limit` columns.
    ///
    /// - Parameter leavingOut: Its place in the order in which columns are left out in a terminal that is too narrow for all; nil for one
    ///   that stays.
    public static func left(_ title: String, limit: Int = 48, leavingOut: Int? = nil) -> Column {
      Column(title: title, alignment: .left, limit: limit, leavingOut: leavingOut)
    }

    /// A column flush right, for numbers.
    ///
    /// - Parameter leavingOut: As for ``left(_:limit:leavingOut:)``.
    public static func right(_ title: String, leavingOut: Int? = nil) -> Column {
      Column(title: title, alignment: .right, limit: .max, leavingOut: leavingOut)
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
  /// - Parameter width: The columns of the terminal; nil cuts nothing. Columns that can be spared are left out until the others have room,
  ///   then cells that are flush left are cut, the widest first, each with its end replaced by "…". Where that is not enough, each row is a
  ///   block of lines, a line a cell.
  func lines(fitting width: Int?) -> [String] {
    layout(of: rows.filter(\.isForPeople).map { $0.cells.map(\.text) }[...], fitting: width).lines
  }

  /// The lines, and the headings of the columns that were left out.
  private func layout(
    of rows: ArraySlice<[String]>, fitting width: Int?
  ) -> (lines: [String], leftOut: [String]) {
    var widths = columns.indices.map { index in
      max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index]) }.max() ?? 0)
    }
    var shown = Array(columns.indices)
    if let width {
      for index in columns.indices { widths[index] = min(widths[index], columns[index].limit) }
      let order = columns.indices.filter { columns[$0].leavingOut != nil }
        .sorted { (columns[$0].leavingOut ?? 0) < (columns[$1].leavingOut ?? 0) }
      for index in order where comfortable(widths, shown) > width { shown.removeAll { $0 == index } }
      cut(&widths, of: shown, to: width - 2 * (shown.count - 1))
      if shown.map({ widths[$0] }).reduce(2 * (shown.count - 1), +) > width {
        return (blocks(of: rows, fitting: width), [])
      }
    }
    let line = { (cells: [String]) -> String in
      let padded = shown.map { index in
        TextWidth.padded(
          TextWidth.truncated(cells[index], to: widths[index]), to: widths[index],
          right: columns[index].alignment == .right)
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let rule = shown.map { String(repeating: "─", count: widths[$0]) }.joined(separator: "  ")
    let leftOut = columns.indices.filter { !shown.contains($0) }.map { columns[$0].title }
    return ([line(columns.map(\.title)), rule] + rows.map(line), leftOut)
  }

  /// Each row as lines of a heading and a cell, with an empty line between rows; empty cells have none.
  private func blocks(of rows: ArraySlice<[String]>, fitting width: Int) -> [String] {
    let title = columns.map { TextWidth.of($0.title) }.max() ?? 0
    let blocks = rows.map { row in
      columns.indices.filter { !row[$0].isEmpty }.map { index in
        TextWidth.padded(columns[index].title, to: title) + "  "
          + TextWidth.truncated(row[index], to: max(width - title - 2, 8))
      }
    }
    return Array(blocks.joined(separator: [""]))
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
    let (lines, leftOut) = layout(of: shown, fitting: width)
    var text = lines.joined(separator: "\n") + "\n"
    if let width, !leftOut.isEmpty {
      let note = "left out, as the terminal is narrow: " + leftOut.joined(separator: ", ")
      text += TextWidth.wrap(note, width: width).joined(separator: "\n") + "\n"
    }
    return text + (rest > 0 ? limit?.rest(rest) ?? "" : "")
  }

  /// The whole table for programs: a line of headings, and one a row.
  var csv: String {
    CSVText.line(columns.map(\.title)) + rows.map { CSVText.line($0.cells.map(\.value)) }.joined()
  }

  /// What some columns need at least to be read: numbers all they have, texts a name's length.
  private func comfortable(_ widths: [Int], _ shown: [Int]) -> Int {
    shown.map { index in
      columns[index].alignment == .right
        ? widths[index] : min(widths[index], max(16, TextWidth.of(columns[index].title)))
    }.reduce(2 * (shown.count - 1), +)
  }

  /// Narrows the widest of some columns that are flush left until all fit together, none below its heading or eight columns.
  private func cut(_ widths: inout [Int], of shown: [Int], to room: Int) {
    while shown.map({ widths[$0] }).reduce(0, +) > room {
      let candidates = shown.filter {
        columns[$0].alignment == .left && widths[$0] > max(8, TextWidth.of(columns[$0].title))
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }
}
