/// Why a picture could not be drawn or written.
public struct DrawingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A side is not positive, or greater than ``Canvas/maximumSide``.
    case size
    /// There is nothing to draw.
    case empty
    /// The file could not be written.
    case unwritable
    /// The file's extension names no format that is written here.
    case format
    /// cairo refused, most often for want of memory.
    case cairo
  }

  /// The kind of failure.
  public let code: Code

  /// One sentence that says what happened, and the remedy where one is known.
  public let message: String

  /// The message.
  public var description: String { message }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
