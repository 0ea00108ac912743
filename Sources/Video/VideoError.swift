/// Why a video could not be looked at.
public struct VideoError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The program `ffmpeg` is not installed, or not where `PATH` says.
    case programMissing
    /// The program could not be started: the system has no processes or files left.
    case notStarted
    /// No frame could be read: the file is damaged, of a format that is not read, or not there.
    case unreadable
    /// There is sound, or nothing, but no moving picture.
    case noPicture
    /// A camera or stream sent nothing for ``VideoFrames/patience`` seconds.
    case silent
  }

  /// The kind of failure.
  public let code: Code

  /// One sentence that says what happened.
  public let message: String

  /// Makes an error of a kind with its sentence.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
