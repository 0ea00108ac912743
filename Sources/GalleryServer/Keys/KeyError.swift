/// Why keys cannot be read, made or revoked.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file of keys is damaged, or may not be read.
    case unreadable
    /// The file of keys cannot be written.
    case unwritable
    /// There is no key of this name.
    case noSuchKey
    /// A key that is too short, or has characters that no header can carry.
    case unusable
    /// A key that could be found by trying.
    case weak
    /// A key that the gallery has already.
    case taken
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence that says what happened.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
