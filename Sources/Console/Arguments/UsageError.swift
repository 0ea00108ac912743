/// A command line that cannot be understood, in one sentence with the mend.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}
