/// What a command is called, what it takes and how its help reads.
public struct CommandDescription: Sendable {
  /// The positional arguments of a command.
  public struct Positional: Sendable {
    /// What the argument stands for in the help, in capitals.
    public let placeholder: String
    /// One sentence for the help.
    public let help: String
    /// How many words it takes.
    public let count: ClosedRange<Int>
    /// The words that it may be, for completions; empty when any may.
    public let choices: [String]
    /// The words of a command of the program that prints what it may be, one a line, for completions; nil when none does.
    public let lister: [String]?

    /// A positional argument taking `count` words.
    public init(
      _ placeholder: String, help: String, count: ClosedRange<Int> = 1...1, choices: [String] = [],
      lister: [String]? = nil
    ) {
      self.placeholder = placeholder
      self.help = help
      self.count = count
      self.choices = choices
      self.lister = lister
    }
  }

  /// A command line that works, and what it does.
  public struct Example: Sendable {
    /// The line, as typed.
    public let line: String
    /// What it does, in a few words.
    public let effect: String

    /// An example line and its effect.
    public init(_ line: String, _ effect: String) {
      self.line = line
      self.effect = effect
    }
  }

  /// The word that calls it.
  public let name: String
  /// One sentence for the list of commands.
  public let summary: String
  /// Paragraphs of the command's own help, below the summary.
  public let discussion: String
  /// The positional arguments, in order; only the last may take a varying number of words.
  public let positionals: [Positional]
  /// The options, in the order of the help.
  public let options: [any CommandOption]
  /// Examples, simplest first.
  public let examples: [Example]

  /// A description with all its parts.
  public init(
    name: String, summary: String, discussion: String = "", positionals: [Positional] = [],
    options: [any CommandOption] = [], examples: [Example] = []
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.positionals = positionals
    self.options = options
    self.examples = examples
  }
}

extension CommandDescription {
  /// The command's help page: usage, summary, discussion, arguments, options, examples.
  ///
  /// - Parameters:
  ///   - program: the program's name, first word of the usage line.
  ///   - shared: the options that every command takes, listed last.
  public func help(program: String, shared: [any CommandOption]) -> String {
    var sections = ["usage: " + usage(program: program), TextBlock.text(summary)]
    if !discussion.isEmpty { sections.append(TextBlock.text(discussion)) }
    if !positionals.isEmpty {
      sections.append(Self.section("arguments", positionals.map { ($0.placeholder, $0.help) }))
    }
    if !options.isEmpty { sections.append(Self.section("options", options.map(\.helpRow))) }
    if !shared.isEmpty { sections.append(Self.section("options of every command", shared.map(\.helpRow))) }
    if !examples.isEmpty {
      let lines = examples.map { example in
        // A line is shown as it is typed, even where it is long.
        "  \(example.line)\n"
          + TextWidth.wrap(example.effect, width: TextBlock.width - 6).map { "      " + $0 }.joined(
            separator: "\n")
      }
      sections.append("examples:\n" + lines.joined(separator: "\n"))
    }
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// The command line: program, command, what it takes.
  func usage(program: String) -> String {
    var usage = "\(program) \(name) [options]"
    for positional in positionals {
      let word = positional.count.upperBound > 1 ? positional.placeholder + "…" : positional.placeholder
      usage += positional.count.lowerBound == 0 ? " [\(word)]" : " \(word)"
    }
    return usage
  }

  /// A titled block of two columns, the second wrapped at ``TextBlock/width``.
  static func section(_ title: String, _ rows: [(String, String)]) -> String {
    let width = min(24, rows.map(\.0.count).max() ?? 0)
    let indent = String(repeating: " ", count: width + 4)
    let lines = rows.map { left, right in
      let wrapped = TextWidth.wrap(right, width: TextBlock.width - 4 - width).joined(separator: "\n" + indent)
      if left.count > width { return "  \(left)\n\(indent)\(wrapped)" }
      return "  " + TextWidth.padded(left, to: width) + "  " + wrapped
    }
    return "\(title):\n" + lines.joined(separator: "\n")
  }
}
