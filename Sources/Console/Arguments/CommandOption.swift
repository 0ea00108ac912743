/// An option of a command, whatever the type of its value.
///
/// `Flag` and `ValueOption` are the two kinds; a `CommandDescription` lists them, `Arguments` reads them.
public protocol CommandOption: Sendable {
  /// The spellings, long one first, with their dashes: `["--gallery", "-g"]`.
  var names: [String] { get }
  /// What the value stands for in the help, `N` or `DIR`; `nil` for a flag.
  var placeholder: String? { get }
  /// One sentence for the help.
  var help: String { get }
  /// The values offered by shell completion; empty when any text goes or the value is a path.
  var choices: [String] { get }
  /// Whether it may be given several times with different values.
  var isRepeatable: Bool { get }
  /// Reads one value as typed on the command line.
  func parse(_ text: String) throws(UsageError) -> any Sendable
}

extension CommandOption {
  /// The long spelling, which names the option in messages and identifies it.
  public var name: String { names[0] }
}
