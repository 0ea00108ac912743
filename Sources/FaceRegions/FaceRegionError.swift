/// Why face regions cannot be read or written.
public struct FaceRegionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of trouble.
  public enum Code: String, Sendable, Hashable {
    /// The format is none of which the regions can be read, or into which they can be written.
    case unsupported
    /// The file is damaged, or says something else.
    case unreadable
  }

  /// The kind of trouble.
  public let code: Code
  /// The reason, as the library gives it.
  public let reason: String

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  /// The reason.
  public var description: String { reason }
}
