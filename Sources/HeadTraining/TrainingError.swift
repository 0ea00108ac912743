/// Why a training cannot go on.
public struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sort of trouble.
  public enum Code: Sendable {
    /// An option outside its range.
    case invalidOption
    /// The photos or the faces in them cannot be used.
    case badData
    /// A cache or checkpoint that is damaged, or of another engine or run.
    case foreignFile
    /// A file cannot be read or written.
    case inaccessible
    /// A checkpoint cannot be written; the one before is kept, and the run can be resumed.
    case checkpointNotSaved
    /// The loss or a weight is no longer finite.
    case diverged
  }

  /// The sort of trouble.
  public let code: Code
  /// One sentence: what happened, and the remedy.
  public let message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
