/// What file managers put before or after the name of a copy, in the languages of Latin and Cyrillic letters: "Copy of X", "Copie de X",
/// "X - Kopie (2)", "X copy 2".
struct CopyMark {
  /// The words for a copy, in lower case.
  static let words: Set<String> = [
    "copy", "copie", "copia", "cópia", "còpia", "kopie", "kopia", "kopi", "kopio", "копия",
  ]

  private static let spelledWords = words.map(Array.init)

  /// What stands between it and the name.
  private static let prepositions = ["of", "de", "di", "do", "da", "von", "van", "av", "af", "z"].map(
    Array.init)

  private let characters: [Character]
  /// The same in lower case.
  private let lower: [Character]

  private init(_ text: String) {
    characters = Array(text)
    lower = characters.map { character in
      let lower = character.lowercased()
      return lower.count == 1 ? Character(lower) : character
    }
  }

  /// A text without all such marks.
  static func removed(from text: String) -> String {
    var rest = CopyMark(text)
    while true {
      if let end = rest.endOfPrefix {
        rest = CopyMark(String(rest.characters[end...]))
      } else if let start = rest.startOfSuffix, start > 0 {
        rest = CopyMark(String(rest.characters[..<start]))
      } else {
        return String(rest.characters)
      }
    }
  }

  /// Where "Copy (2) of " ends at the beginning; nil where it is not.
  private var endOfPrefix: Int? {
    let start = run(from: 0) { $0.isWhitespace }
    guard var place = after(Self.spelledWords, at: start) else { return nil }
    place = afterNumber(place) ?? place
    let gap = run(from: place, of: " _")
    guard gap > place, let end = after(Self.prepositions, at: gap) else { return nil }
    let name = run(from: end, of: " _")
    return name > end ? name : nil
  }

  /// Where " - copy (2)" begins at the end; nil where it is not.
  private var startOfSuffix: Int? {
    var start = 0
    while start < lower.count {
      let gap = run(from: start, of: " _-")
      if gap > start, isSuffix(afterGap: gap) { return start }
      start = max(gap, start + 1)
    }
    return nil
  }

  private func isSuffix(afterGap gap: Int) -> Bool {
    guard var place = after(Self.spelledWords, at: has("(", at: gap) ? gap + 1 : gap) else { return false }
    if has(")", at: place) { place += 1 }
    return [afterNumber(place), place].contains { end in
      end.map { end in run(from: end) { $0.isWhitespace } == lower.count } ?? false
    }
  }

  /// The place after the longest of some words that stands at a place; nil where none does.
  private func after(_ words: [[Character]], at place: Int) -> Int? {
    words.filter { lower.dropFirst(place).starts(with: $0) }.map(\.count).max().map { place + $0 }
  }

  /// The place after a copy's number; nil where none is.
  private func afterNumber(_ place: Int) -> Int? {
    let gap = run(from: place, of: " _-")
    let start = has("(", at: gap) ? gap + 1 : gap
    let end = run(from: start) { $0.isASCII && $0.isWholeNumber }
    guard end > start else { return nil }
    return has(")", at: end) ? end + 1 : end
  }

  private func has(_ character: Character, at place: Int) -> Bool {
    place < lower.count && lower[place] == character
  }

  private func run(from place: Int, of characters: String) -> Int {
    run(from: place) { characters.contains($0) }
  }

  /// Where a run of such characters ends that begins at a place, and may be empty.
  private func run(from place: Int, where isPart: (Character) -> Bool) -> Int {
    lower[min(place, lower.count)...].prefix(while: isPart).endIndex
  }
}
