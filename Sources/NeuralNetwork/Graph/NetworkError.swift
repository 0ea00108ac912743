/// Why a network cannot be built, planned or run.
public struct NetworkError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sort of trouble.
  public enum Code: Sendable {
    /// The layers do not fit together.
    case invalidGraph
    /// The input does not fit the network.
    case wrongInput
    /// A kernel that was asked for cannot run here.
    case unsupportedKernel
    /// There is not enough memory.
    case outOfMemory
    /// A library failed while it ran.
    case executionFailed
  }

  /// The sort of trouble.
  public let code: Code
  /// One sentence: what happened, and to which layer.
  public let message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
