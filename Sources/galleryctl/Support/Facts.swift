import Console

/// Labelled values below one another, the values flush.
struct Facts {
  private let rows: [(label: String, value: String)]

  init(_ rows: [(label: String, value: String)]) { self.rows = rows }

  var text: String {
    let width = rows.map { TextWidth.of($0.label) }.max() ?? 0
    return rows.map { TextWidth.padded($0.label, to: width) + "  " + $0.value + "\n" }.joined()
  }
}
