/// A paragraph, or an entry of a list with its term, read from text that is laid out by hand.
///
/// A line belongs to the block before when it begins where that block's text goes on; two spaces or more inside of a line
/// set off a term, as in `  list    the files of the folder`.
struct TextBlock: Equatable {
  /// The columns of help pages.
  static let width = 79

  /// Columns before the first line.
  var indent: Int
  /// What the text explains; empty for a paragraph.
  var term: String
  /// The column at which the text begins, and goes on in later lines.
  var hang: Int
  /// The text, on one line.
  var text: String
  /// Whether an empty line stands before it.
  var isApart: Bool

  /// The blocks of a text.
  static func blocks(_ text: String) -> [TextBlock] {
    var blocks: [TextBlock] = []
    var isApart = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let indent = line.prefix { $0 == " " }.count
      let content = line.dropFirst(indent)
      guard !content.isEmpty else {
        isApart = !blocks.isEmpty
        continue
      }
      let gap = content.firstRange(of: "  ")
      if gap == nil, !isApart, let last = blocks.last, last.hang == indent {
        blocks[blocks.count - 1].text += " " + content
        continue
      }
      let term = gap.map { String(content[..<$0.lowerBound]) } ?? ""
      let behind = gap.map { content[$0.upperBound...].drop { $0 == " " } } ?? content
      blocks.append(
        TextBlock(
          indent: indent, term: term, hang: indent + (content.count - behind.count), text: String(behind),
          isApart: isApart))
      isApart = false
    }
    return blocks
  }

  /// A text with its blocks wrapped at ``width``.
  static func text(_ text: String) -> String {
    blocks(text).map { block in
      let lines = TextWidth.wrap(block.text, width: width - block.hang)
      let margin = String(repeating: " ", count: block.indent)
      let first = margin + TextWidth.padded(block.term, to: block.hang - block.indent) + (lines.first ?? "")
      let others = lines.dropFirst().map { String(repeating: " ", count: block.hang) + $0 }
      return (block.isApart ? "\n" : "") + ([first] + others).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
