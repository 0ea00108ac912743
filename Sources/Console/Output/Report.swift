/// What a command says: tables, and sentences around them.
///
/// People read all of it; with ``csv``, programs read the tables alone.
public struct Report: Sendable, ExpressibleByStringLiteral {
  /// Writes tables for programs. Commands that print tables list it among their options.
  public static let csv = Flag(
    "--csv", help: "Write tables as CSV to standard output, all else to standard error.")

  private enum Part: Sendable {
    case sentences(String)
    case table(Table, isSpaced: Bool)
  }

  private var parts: [Part]

  /// Sentences, with the ends of their lines.
  public init(_ text: String) { parts = text.isEmpty ? [] : [.sentences(text)] }

  /// Sentences, with the ends of their lines.
  public init(stringLiteral text: String) { self.init(text) }

  /// A table; people are shown nothing of an empty one.
  ///
  /// - Parameter isSpaced: Whether people are shown an empty line before it.
  public init(_ table: Table, spaced isSpaced: Bool = false) { parts = [.table(table, isSpaced: isSpaced)] }

  /// One after the other.
  public static func + (first: Report, second: Report) -> Report {
    var report = first
    report.parts += second.parts
    return report
  }

  /// One after the other.
  public static func + (first: Report, second: String) -> Report { first + Report(second) }

  /// One after the other.
  public static func + (first: String, second: Report) -> Report { Report(first) + second }

  /// Adds another report.
  public static func += (first: inout Report, second: Report) { first = first + second }

  /// All of it for people: tables fit the terminal where standard output is one.
  public var text: String { text(fitting: Terminal.outputColumns) }

  func text(fitting width: Int?) -> String {
    parts.map { part in
      switch part {
      case .sentences(let text): text
      case .table(let table, let isSpaced):
        (isSpaced && !table.isEmpty ? "\n" : "") + table.text(fitting: width)
      }
    }.joined()
  }

  /// The tables for programs, empty ones too, with an empty line between them.
  var tables: String {
    parts.compactMap { if case .table(let table, _) = $0 { table.csv } else { nil } }.joined(separator: "\n")
  }

  /// What is not in a table.
  var sentences: String {
    parts.compactMap { if case .sentences(let text) = $0 { text } else { nil } }.joined()
  }
}
