/// Why keys cannot be read, made or revoked.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file of keys is damaged, or may not be read or written.
    case storage
    /// There is no key of this name.
    case noSuchKey
    /// A key that is too short or has characters that no header can carry.
    case invalid
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence that says what happened, and the remedy where one is known.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
