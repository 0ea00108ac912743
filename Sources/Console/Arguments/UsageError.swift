/// A command line that cannot be understood, in one sentence with the remedy.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and the remedy.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}
