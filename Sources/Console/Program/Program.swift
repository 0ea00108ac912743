import Foundation

/// A program made of commands: finds the command, reads its arguments, runs it, reports its errors.
public struct Program: Sendable {
  /// Commands that belong together in the program's help.
  public struct Group: Sendable {
    let title: String
    let commands: [any Subcommand.Type]

    /// A titled group of commands.
    public init(_ title: String, _ commands: [any Subcommand.Type]) {
      self.title = title
      self.commands = commands
    }
  }

  let name: String
  let version: String
  let summary: String
  let groups: [Group]
  let shared: [any CommandOption]
  private let forms: [any CommandOption]
  let epilogue: String
  private let willRun: @Sendable (String) -> Void
  private let exitCode: @Sendable (any Error) -> ExitCode
  private let remedy: @Sendable (any Error) -> String?

  private static let help = Flag("--help", "-h", help: "Show this help.")

  /// A program with its commands.
  ///
  /// - Parameters:
  ///   - shared: options that every command takes.
  ///   - forms: options of which a call takes one at most: each says how the result is written.
  ///   - epilogue: the last paragraph of the help, such as the exit codes.
  ///   - willRun: is told the name of a command before it runs.
  ///   - exitCode: the exit status for an error that a command threw.
  ///   - remedy: what the user can do about it, as the rest of a sentence; nil where the error says all.
  public init(
    name: String, version: String, summary: String, groups: [Group], shared: [any CommandOption] = [],
    forms: [any CommandOption] = [], epilogue: String = "",
    willRun: @escaping @Sendable (String) -> Void = { _ in },
    exitCode: @escaping @Sendable (any Error) -> ExitCode = { _ in .trouble },
    remedy: @escaping @Sendable (any Error) -> String? = { _ in nil }
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.groups = groups
    self.shared = shared + [Program.help]
    self.forms = forms
    self.epilogue = epilogue
    self.willRun = willRun
    self.exitCode = exitCode
    self.remedy = remedy
  }

  /// Runs the command named by the first of `words` and returns the exit status.
  ///
  /// Errors go to standard error as one sentence after `error:`. A report that cannot be written to standard output is one:
  /// what the command was to do is done all the same.
  public func run(_ words: [String]) -> ExitCode {
    Terminal.beginReport()
    let code = outcome(of: words)
    guard let problem = Terminal.outputProblem else { return code }
    Terminal.note(
      "error: The report cannot be written to standard output: \(problem); "
        + (code == .success || code == .no
          ? "if the command was to change something, that is done.\n" : "the command failed as well.\n"))
    return .trouble
  }

  private func outcome(of words: [String]) -> ExitCode {
    do {
      return try dispatch(words)
    } catch let error as UsageError {
      Terminal.note("error: \(error)\n")
      return .usage
    } catch {
      Terminal.note("error: \(sentence(of: error))\n")
      return exitCode(error)
    }
  }

  private func sentence(of error: any Error) -> String {
    let message = "\(error)"
    guard let remedy = remedy(error) else { return message }
    return (message.hasSuffix(".") ? String(message.dropLast()) : message) + "; " + remedy + "."
  }

  private func dispatch(_ words: [String]) throws -> ExitCode {
    // Shared options may stand before the command, as in `galleryctl --gallery DIR query PHOTO`.
    var leading: [String] = []
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-") {
      if Program.help.names.contains(word) {
        try Self.checkEnd(rest.dropFirst(), of: word)
        Terminal.print(helpText)
        return .success
      }
      if word == "--version" || word == "-V" {
        try Self.checkEnd(rest.dropFirst(), of: word)
        Terminal.print("\(name) \(version)\n")
        return .success
      }
      leading.append(rest.removeFirst())
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard
        let option = shared.first(where: {
          $0.names.contains(parts[0]) || $0.names.contains(String(word.prefix(2)))
        })
      else { throw Arguments.unknown(parts[0], of: name, among: shared) }
      guard option.placeholder != nil, option.names.contains(word) else { continue }
      guard let value = rest.popFirst() else {
        throw UsageError("\(option.name) needs a value: \(option.name) \(option.placeholder ?? "").")
      }
      leading.append(value)
    }
    guard let first = rest.popFirst() else {
      guard leading.isEmpty else {
        throw UsageError(
          "\(name) needs a command behind \(leading.joined(separator: " ")): see \(name) --help.")
      }
      Terminal.note(helpText)
      return .usage
    }
    if first == "help" {
      guard let topic = rest.first else {
        Terminal.print(helpText)
        return .success
      }
      try Self.checkEnd(rest.dropFirst(), of: "help")
      Terminal.print(try command(topic).description.help(program: name, shared: shared))
      return .success
    }
    if first == "completions" {
      try Self.checkEnd(rest.dropFirst(), of: "completions")
      Terminal.print(try completions(shell: rest.first ?? ""))
      return .success
    }
    if first == "manual" {
      if rest.first == "--write", rest.count == 2, let folder = rest.last {
        try writeManual(to: folder)
        return .success
      }
      guard rest.first != "--write" else { throw UsageError("manual --write needs FOLDER.") }
      try Self.checkEnd(rest.dropFirst(), of: "manual")
      Terminal.print(try manual(of: rest.first))
      return .success
    }
    let command = try command(first)
    let arguments = try Arguments(leading + rest, for: command.description, shared: shared)
    if arguments[Program.help] {
      Terminal.print(command.description.help(program: name, shared: shared))
      return .success
    }
    try arguments.checkCount(for: command.description)
    let given = forms.filter(arguments.has)
    if given.count > 1 {
      throw UsageError("\(given[0].name) and \(given[1].name) contradict each other: give one of them.")
    }
    if arguments[Report.csv] { Terminal.printCSV() }
    willRun(command.description.name)
    return try command.run(arguments)
  }

  private static func checkEnd(_ rest: ArraySlice<String>, of word: String) throws(UsageError) {
    if let surplus = rest.first { throw UsageError("\(word) does not take \"\(surplus)\".") }
  }

  func command(_ word: String) throws(UsageError) -> any Subcommand.Type {
    let commands = groups.flatMap(\.commands)
    if let command = commands.first(where: { $0.description.name == word }) { return command }
    let near = Suggestion.nearest(to: word, among: commands.map { $0.description.name })
    throw UsageError(
      "\(name) has no command \"\(word)\"; "
        + (near.map { "did you mean \"\($0)\"?" } ?? "see \(name) --help."))
  }

  /// What the program does besides its commands.
  var notes: String {
    "\"\(name) help COMMAND\" explains a command; \"\(name) completions bash|zsh|fish\" writes shell completions; "
      + "\"\(name) manual [COMMAND]\" writes a manual page, \"manual --write FOLDER\" all of them; \"\(name) --version\" says which version this is."
  }

  /// The program's help page.
  var helpText: String {
    var sections = ["usage: \(name) [options] COMMAND …", TextBlock.text(summary)]
    for group in groups {
      sections.append(
        CommandDescription.section(
          group.title, group.commands.map { ($0.description.name, $0.description.summary) }))
    }
    if !shared.isEmpty {
      sections.append(CommandDescription.section("options of every command", shared.map(\.helpRow)))
    }
    sections.append(TextBlock.text(notes))
    if !epilogue.isEmpty { sections.append(TextBlock.text(epilogue)) }
    return sections.joined(separator: "\n\n") + "\n"
  }
}
