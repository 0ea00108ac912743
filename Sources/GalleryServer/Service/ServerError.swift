/// Why a server could not start, or its keys not be read, made or revoked.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The address cannot be understood, or is not this machine's.
    case badAddress
    /// The port is taken, or may not be used.
    case unavailable
    /// The certificate or its key cannot be used.
    case badCertificate
    /// The file of keys is damaged, or may not be read or written.
    case keyStorage
    /// There is no key of this name.
    case noSuchKey
    /// A key that is too short or has characters that no header can carry.
    case invalidKey
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence that says what happened and how to mend it.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
