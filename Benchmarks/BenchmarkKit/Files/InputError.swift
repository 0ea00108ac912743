/// A file or figure given to a benchmark that cannot be used, in one sentence with the remedy.
public struct InputError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and the remedy.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}
