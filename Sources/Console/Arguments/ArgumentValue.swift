internal import Support

/// A type that can be read from one word of the command line.
public protocol ArgumentValue: Sendable {
  /// Reads `argument`; `nil` when it is not a value of this type.
  init?(argument: String)
  /// How a message names the type: "a whole number".
  static var noun: String { get }
  /// Every allowed word, for types with few values; empty otherwise.
  static var allArguments: [String] { get }
}

extension ArgumentValue {
  /// No list: most types have too many values.
  public static var allArguments: [String] { [] }
}

extension Int: ArgumentValue {
  /// Reads decimal digits, with a sign or without.
  public init?(argument: String) { self.init(argument) }
  /// “a whole number”.
  public static var noun: String { "a whole number" }
}

extension UInt64: ArgumentValue {
  /// Reads decimal digits.
  public init?(argument: String) { self.init(argument) }
  /// “a whole number, 0 or more”.
  public static var noun: String { "a whole number, 0 or more" }
}

extension Double: ArgumentValue {
  /// Reads a finite number in decimal digits.
  public init?(argument: String) { self.init(plain: argument) }
  /// “a number”.
  public static var noun: String { "a number" }
}

extension String: ArgumentValue {
  /// Takes every word as it is.
  public init?(argument: String) { self = argument }
  /// “a text”.
  public static var noun: String { "a text" }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  /// Reads the raw value of a case.
  public init?(argument: String) { self.init(rawValue: argument) }
  /// “one of”, and all of the words.
  public static var noun: String { "one of " + allArguments.joined(separator: ", ") }
  /// The raw values of all cases.
  public static var allArguments: [String] { allCases.map(\.rawValue) }
}
