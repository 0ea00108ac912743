/// What is to be said of a file whose picture was read nevertheless.
public struct ImageRemark: Sendable, Hashable, CustomStringConvertible {
  /// The kind of remark, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file has several pictures, pages or frames, and this is the first.
    case firstOfSeveral
    /// The file is not as its format asks, but all of its pixels are there.
    case harmlessFault
    /// The file is cut off or damaged: parts of the picture are missing or not as they were written.
    case damaged
  }

  /// The kind of remark.
  public let code: Code

  /// One sentence that says what there is to know.
  public let message: String

  /// The message.
  public var description: String { message }

  /// The remark on a file whose faults cost no pixels.
  static func harmlessFault(_ message: String) -> ImageRemark {
    ImageRemark(code: .harmlessFault, message: message)
  }

  /// The remark on a damaged picture that was read nevertheless, by the error that it is otherwise.
  static func damaged(_ error: ImageError) -> ImageRemark {
    ImageRemark(code: .damaged, message: error.message)
  }

  /// The remark on a video that was read as far as it can be.
  package static func damagedVideo(_ message: String) -> ImageRemark {
    ImageRemark(code: .damaged, message: message)
  }

  /// The remark on a file with several pages, frames or pictures.
  static func first(_ part: String) -> ImageRemark {
    ImageRemark(
      code: .firstOfSeveral, message: "The file has several \(part)s, of which the first is read.")
  }
}
