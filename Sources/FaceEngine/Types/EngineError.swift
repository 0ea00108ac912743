internal import Support

/// Why the engine could not do its work.
public struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A weights file is not where it is looked for.
    case missingWeights
    /// A weights file is damaged, or of another network.
    case invalidWeights
    /// A vector that is no embedding: empty, not finite, or of length 0.
    case invalidEmbedding
    /// An option outside its range.
    case invalidOption
    /// A picture or a face that cannot be worked on.
    case invalidInput
    /// Nobody waits for the result any more (`Cancellation` in Support).
    case cancelled
    /// There is not enough memory for the request.
    case outOfMemory
    /// dlib reported an error of its own.
    case internalFailure
  }

  /// The kind of failure.
  public let code: Code

  /// One sentence that says what happened, and the remedy where one is known.
  public let message: String

  /// The path of the weights file that is missing or damaged; nil where the error is about something else.
  public let weights: String?

  /// Makes an error of a kind with its sentence.
  public init(_ code: Code, _ message: String, weights: String? = nil) {
    self.code = code
    self.message = message
    self.weights = weights
  }

  /// The error for work that was given up between two of its stages.
  package static let cancelled = EngineError(
    .cancelled, "The work was cancelled: nobody waits for what comes of it.")

  /// Gives the work up when nobody waits for it any more.
  package static func checkCancellation() throws(EngineError) {
    if Cancellation.current?.isCancelled == true { throw cancelled }
  }

  /// The message.
  public var description: String { message }
}
