/// An option without a value: there or not.
public struct Flag: CommandOption {
  public let names: [String]
  public let help: String
  public var placeholder: String? { nil }
  public var choices: [String] { [] }
  public var isRepeatable: Bool { false }

  /// A flag with its spellings, long one first, and one sentence of help.
  public init(_ names: String..., help: String) {
    self.names = names
    self.help = help
  }

  public func parse(_ text: String) throws(UsageError) -> any Sendable {
    throw UsageError("\(name) takes no value: write it alone.")
  }
}
