/// Why a picture could not be read, changed or written.
public struct ImageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file does not exist, or is a folder or another thing that is no file.
    case unreadable
    /// The system does not let the file be read: its rights, the disk, or too many open files are in the way.
    case inaccessible
    /// There is not enough memory to decode the picture.
    case outOfMemory
    /// There are no bytes.
    case empty
    /// The bytes are of no picture format.
    case notAnImage
    /// The file ends before the picture does.
    case truncated
    /// The file is damaged.
    case corrupt
    /// The picture has more pixels, or the file more bytes, than the decoder's limit.
    case tooManyPixels
    /// A picture format, or a variant of one, that is not read here.
    case unsupported
    /// The picture could not be encoded.
    case encodingFailed
    /// A size or a buffer does not make a picture.
    case invalidArgument
  }

  /// The kind of failure.
  public let code: Code

  /// One sentence that says what happened, and the remedy where one is known.
  public let message: String

  /// Makes an error of a kind with its sentence.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
