/// Why a weights file cannot be read or written.
public struct WeightsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sort of trouble.
  public enum Code: Sendable {
    /// The file is not there, or cannot be read.
    case inaccessible
    /// The file cannot be written.
    case unwritable
    /// The file is truncated, or not of the format that it should be.
    case damaged
    /// The file has a layer, an option or a data type that the runtime does not have.
    case unsupported
    /// A layer's weights are not in the file.
    case missingLayer
    /// A layer's weights have other extents than the architecture says.
    case wrongShape
    /// A weight is NaN or infinite.
    case notFinite
    /// The checksum on record is not that of the bytes.
    case wrongChecksum
  }

  /// The sort of trouble.
  public let code: Code
  /// One sentence: what happened, to which layer, and the remedy where that is known.
  public let message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
