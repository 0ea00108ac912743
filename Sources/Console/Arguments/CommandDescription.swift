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

    /// A positional argument taking `count` words.
    public init(
      _ placeholder: String, help: String, count: ClosedRange<Int> = 1...1, choices: [String] = []
    ) {
      self.placeholder = placeholder
      self.help = help
      self.count = count
      self.choices = choices
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
