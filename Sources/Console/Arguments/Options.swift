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

  /// The option as help shows it: spellings with the placeholder, and the sentence.
  var helpRow: (String, String) {
    let spellings = names.joined(separator: ", ")
    return (placeholder.map { "\(spellings) \($0)" } ?? spellings, help)
  }
}

/// An option without a value: there or not.
public struct Flag: CommandOption {
  /// The spellings, long one first, with their dashes.
  public let names: [String]
  /// One sentence for the help.
  public let help: String
  /// Nil: a flag takes no value.
  public var placeholder: String? { nil }
  /// Empty: a flag takes no value.
  public var choices: [String] { [] }
  /// Once is enough.
  public var isRepeatable: Bool { false }

  /// A flag with its spellings, long one first, and one sentence of help.
  public init(_ names: String..., help: String) {
    self.names = names
    self.help = help
  }

  /// Refuses every value.
  ///
  /// - Throws: ``UsageError``, always.
  public func parse(_ text: String) throws(UsageError) -> any Sendable {
    throw UsageError("\(name) takes no value: write it alone.")
  }
}

/// An option with a value of type `Value`, such as `--k 5`.
public struct ValueOption<Value: ArgumentValue>: CommandOption {
  /// The spellings, long one first, with their dashes.
  public let names: [String]
  /// What the value stands for in the help, `N` or `DIR`.
  public let placeholder: String?
  /// One sentence for the help.
  public let help: String
  /// Whether it may be given several times with different values.
  public let isRepeatable: Bool
  /// The values accepted, in words and as a test; `nil` accepts all.
  let constraint: (words: String, holds: @Sendable (Value) -> Bool)?
  /// Every allowed word, for types with few values; empty otherwise.
  public var choices: [String] { Value.allArguments }

  /// An option with its spellings, long one first.
  ///
  /// - Parameters:
  ///   - placeholder: what the value stands for in the help, in capitals.
  ///   - help: one sentence.
  ///   - isRepeatable: whether it may be given several times with different values.
  ///   - constraint: the accepted values in words ("from 1 to 1000") and as a test.
  public init(
    _ names: String..., placeholder: String, help: String, isRepeatable: Bool = false,
    where constraint: (words: String, holds: @Sendable (Value) -> Bool)? = nil
  ) {
    self.init(names, placeholder, help, isRepeatable, constraint)
  }

  /// An option with its spellings, long one first, whose values lie in a range.
  public init(
    _ names: String..., placeholder: String, help: String, isRepeatable: Bool = false,
    in range: ClosedRange<Value>
  ) where Value: Comparable & Sendable {
    self.init(
      names, placeholder, help, isRepeatable,
      ("from \(Self.words(range.lowerBound)) to \(Self.words(range.upperBound))", { range.contains($0) }))
  }

  private init(
    _ names: [String], _ placeholder: String, _ help: String, _ isRepeatable: Bool,
    _ constraint: (words: String, holds: @Sendable (Value) -> Bool)?
  ) {
    self.names = names
    self.placeholder = placeholder
    self.help = help
    self.isRepeatable = isRepeatable
    self.constraint = constraint
  }

  /// A bound as people write it: 1 rather than 1.0.
  private static func words(_ bound: Value) -> String {
    let text = "\(bound)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Reads a value, and looks whether it is one of those accepted.
  ///
  /// - Throws: ``UsageError`` that says what is accepted.
  public func parse(_ text: String) throws(UsageError) -> any Sendable {
    guard let value = Value(argument: text) else {
      throw UsageError("\(name) takes \(Value.noun), not \"\(text)\".")
    }
    if let constraint, !constraint.holds(value) {
      throw UsageError("\(name) takes \(Value.noun) \(constraint.words), not \(text).")
    }
    return value
  }
}
