/// An option with a value of type `Value`, such as `--k 5`.
public struct ValueOption<Value: ArgumentValue>: CommandOption {
  public let names: [String]
  public let placeholder: String?
  public let help: String
  public let isRepeatable: Bool
  /// The values accepted, in words and as a test; `nil` accepts all.
  let constraint: (words: String, holds: @Sendable (Value) -> Bool)?
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
    self.names = names
    self.placeholder = placeholder
    self.help = help
    self.isRepeatable = isRepeatable
    self.constraint = constraint
  }

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
