import Foundation
import Support

extension Program {
  /// Writes all pages of the manual into a folder that is there: `NAME.1`,
  /// `NAME-COMMAND.1`.
  func writeManual(to folder: String) throws {
    let folder = URL(typed: folder, directoryHint: .isDirectory)
    for word in [nil] + groups.flatMap(\.commands).map({ Optional($0.description.name) }) {
      let file = folder.appending(path: (word.map { "\(name)-\($0)" } ?? name) + ".1")
      let page = try ReplacementFile(file.path(percentEncoded: false))
      try page.write(Data(try manual(of: word).utf8), at: 0)
      try page.commit()
      // Everybody may read the manual.
      fchmod(page.descriptor, 0o644)
    }
  }

  /// A page of the manual in roff, for `man`: of a command, or of the program without one.
  ///
  /// - Throws: `UsageError` for a word that is no command.
  func manual(of word: String?) throws(UsageError) -> String {
    guard let word else { return manualOfProgram }
    return manual(of: try command(word).description)
  }

  private var manualOfProgram: String {
    var page = ManualPage(title: name, version: "\(name) \(version)")
    page.section("NAME", name + " \\- " + ManualPage.escaped(Self.phrase(summary)))
    page.section("SYNOPSIS", ".B " + ManualPage.escaped(name) + "\n[options] COMMAND ...")
    page.section("DESCRIPTION", ManualPage.paragraphs(summary + "\n\n" + notes))
    for group in groups {
      page.section(
        "COMMANDS: " + group.title.uppercased(),
        ManualPage.list(group.commands.map { ($0.description.name, $0.description.summary) }))
    }
    page.section("OPTIONS OF EVERY COMMAND", ManualPage.list(shared.map(\.helpRow)))
    if !epilogue.isEmpty { page.section("NOTES", ManualPage.paragraphs(epilogue)) }
    page.section(
      "SEE ALSO",
      groups.flatMap(\.commands).map { ManualPage.escaped("\(name)-\($0.description.name)") + "(1)" }
        .joined(separator: ", "))
    return page.text
  }

  private func manual(of command: CommandDescription) -> String {
    var page = ManualPage(title: "\(name)-\(command.name)", version: "\(name) \(version)")
    page.section(
      "NAME",
      ManualPage.escaped("\(name)-\(command.name)") + " \\- "
        + ManualPage.escaped(Self.phrase(command.summary)))
    page.section("SYNOPSIS", ".B " + ManualPage.escaped(command.usage(program: name)))
    page.section(
      "DESCRIPTION",
      ManualPage.paragraphs(command.summary + (command.discussion.isEmpty ? "" : "\n\n" + command.discussion))
    )
    if !command.positionals.isEmpty {
      page.section("ARGUMENTS", ManualPage.list(command.positionals.map { ($0.placeholder, $0.help) }))
    }
    if !command.options.isEmpty { page.section("OPTIONS", ManualPage.list(command.options.map(\.helpRow))) }
    page.section("OPTIONS OF EVERY COMMAND", ManualPage.list(shared.map(\.helpRow)))
    if !command.examples.isEmpty {
      page.section(
        "EXAMPLES",
        command.examples.map {
          ".TP\n.B " + ManualPage.escaped($0.line) + "\n" + ManualPage.escaped($0.effect)
        }
        .joined(separator: "\n"))
    }
    page.section("SEE ALSO", ManualPage.escaped(name) + "(1)")
    return page.text
  }

  /// A sentence as the line NAME of a page has it: without the stop.
  private static func phrase(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}

/// The text of a page of the manual.
private struct ManualPage {
  private(set) var text: String

  init(title: String, version: String) {
    text = ".TH \"\(title.uppercased())\" \"1\" \"\" \"\(version)\"\n.nh\n.ad l\n"
  }

  /// Adds a section; `body` is roff.
  mutating func section(_ title: String, _ body: String) { text += ".SH \"\(title)\"\n\(body)\n" }

  /// Text in which nothing means anything to roff.
  static func escaped(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    // A line that begins with one of these would be a request.
    return escaped.first.map { $0 == "." || $0 == "'" } == true ? "\\&" + escaped : escaped
  }

  /// Terms with their explanations.
  static func list(_ entries: [(String, String)]) -> String {
    entries.map { ".TP\n.B \(escaped($0.0))\n\(escaped($0.1))" }.joined(separator: "\n")
  }

  /// Paragraphs and lists of a text that is laid out by hand.
  static func paragraphs(_ text: String) -> String {
    TextBlock.blocks(text).map { block in
      block.term.isEmpty
        ? ".PP\n" + escaped(block.text) : ".TP\n.B \(escaped(block.term))\n\(escaped(block.text))"
    }.joined(separator: "\n")
  }
}
