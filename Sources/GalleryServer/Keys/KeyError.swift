/// Why keys cannot be read, made or revoked.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file of keys may not be read, or the disk does not give it.
    case unreadable
    /// The file of keys is damaged, or of a newer version.
    case damaged
    /// Others may write to the file of keys, and so add keys.
    case exposed
    /// The file of keys cannot be written.
    case unwritable
    /// There is no key of this name.
    case noSuchKey
    /// The key by which something is asked for was revoked meanwhile.
    case revoked
    /// The gallery has as many keys as it may have.
    case full
    /// A key that is too short, or has characters that no header can carry, or a label that is too long or has control characters.
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
