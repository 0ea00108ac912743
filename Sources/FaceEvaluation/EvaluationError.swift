/// Why an evaluation cannot go on.
public struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable {
    /// The photos, the pairs file or the faces in them cannot be used.
    case badData
    /// A cache that is damaged.
    case foreignFile
    /// A file cannot be written.
    case inaccessible
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence: what happened, and the remedy.
  public let message: String

  /// Makes an error of a kind with its sentence.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
