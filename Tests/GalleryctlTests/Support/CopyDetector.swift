/// Finds runs of lines that are in a tree twice.
///
/// Blanks at both ends of a line, empty lines, comments and imports do not count.
struct CopyDetector {
  /// A run of lines that is in two places.
  struct Copy: Hashable, CustomStringConvertible {
    let lines: Int
    /// Each place as `FILE:LINE` of the first line.
    let places: [String]

    var description: String { "\(lines) lines: \(places.joined(separator: " and "))" }
  }

  private struct File {
    let name: String
    /// Each line that counts, as the number of its text, and where it stands.
    var lines: [(text: Int, number: Int)] = []
  }

  private struct Place {
    let file: Int
    let start: Int
  }

  /// How many lines in a row may be alike.
  let limit: Int
  private var texts: [Substring: Int] = [:]
  private var files: [File] = []

  init(limit: Int) { self.limit = limit }

  /// Takes a file in.
  mutating func add(_ text: String, of name: String) {
    var file = File(name: name)
    var isInComment = false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      var line = Self.trimmed(line)
      if !isInComment && line.hasPrefix("/*") { isInComment = true }
      if isInComment {
        guard let end = line.firstRange(of: "*/") else { continue }
        isInComment = false
        line = Self.trimmed(line[end.upperBound...])
      }
      if line.isEmpty || line.hasPrefix("//") || Self.isImport(line) { continue }
      file.lines.append((texts[line, default: texts.count], index + 1))
      texts[line] = file.lines.last?.text
    }
    files.append(file)
  }

  /// Every run that is longer than allowed, in the order of the files.
  func copies() -> [Copy] {
    let width = limit + 1
    var first: [ArraySlice<Int>: Place] = [:]
    var copies: [Copy] = []
    for (index, file) in files.enumerated() {
      let texts = file.lines.map(\.text)
      for start in stride(from: 0, through: texts.count - width, by: 1) {
        let window = texts[start..<start + width]
        // One line again and again is a table.
        guard window.contains(where: { $0 != texts[start] }) else { continue }
        guard let place = first[window] else {
          first[window] = Place(file: index, start: start)
          continue
        }
        let other = files[place.file].lines
        // Lines of one table are alike without being copied.
        if place.file == index && place.start + width > start { continue }
        // Only where a run begins.
        if place.start > 0 && start > 0 && other[place.start - 1].text == texts[start - 1] { continue }
        let length = zip(other[place.start...], texts[start...]).prefix { $0.text == $1 }.count
        copies.append(
          Copy(
            lines: length,
            places: [
              "\(files[place.file].name):\(other[place.start].number)",
              "\(file.name):\(file.lines[start].number)",
            ]))
      }
    }
    return copies
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var line = line
    while line.first?.isWhitespace == true { line.removeFirst() }
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
  }

  private static func isImport(_ line: Substring) -> Bool {
    if line.hasPrefix("#include") { return true }
    let words = line.split(separator: " ").drop {
      $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0)
    }
    return words.first == "import"
  }
}
