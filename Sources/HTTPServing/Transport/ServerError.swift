/// Why a server could not start.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The address cannot be understood, or is not this machine's.
    case badAddress
    /// The port is taken, or may not be used.
    case unavailable
    /// The certificate or its key cannot be used.
    case badCertificate
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
