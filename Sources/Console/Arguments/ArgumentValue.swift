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
  public static var allArguments: [String] { [] }
}

extension Int: ArgumentValue {
  public init?(argument: String) { self.init(argument) }
  public static var noun: String { "a whole number" }
}

extension UInt64: ArgumentValue {
  public init?(argument: String) { self.init(argument) }
  public static var noun: String { "a whole number, 0 or more" }
}

extension Double: ArgumentValue {
  public init?(argument: String) {
    guard let value = Double(argument), value.isFinite else { return nil }
    self = value
  }
  public static var noun: String { "a number" }
}

extension String: ArgumentValue {
  public init?(argument: String) { self = argument }
  public static var noun: String { "a text" }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public init?(argument: String) { self.init(rawValue: argument) }
  public static var noun: String { "one of " + allArguments.joined(separator: ", ") }
  public static var allArguments: [String] { allCases.map(\.rawValue) }
}
