internal import Glibc

/// A call of the system that failed, and on which file.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error number (`errno`).
  public let code: Int32

  /// What was to be done, such as “be opened”: completes “PATH cannot …”.
  public let action: String

  /// The file or folder.
  public let path: String

  /// Makes an error; without a number, the thread's last one.
  public init(_ action: String, _ path: String, code: Int32? = nil) {
    self.code = code ?? errno
    self.action = action
    self.path = path
  }

  /// One sentence: what could not be done, and why.
  public var description: String {
    isLockUnsupported
      ? "\(path) cannot \(action): its file system gives no locks; put it on a local disk."
      : "\(path) cannot \(action): \(reason)."
  }

  /// One sentence about what was to be read, by the name that a message gives it: that it does not exist, or why it cannot be read.
  public func sentence(reading subject: String) -> String {
    switch code {
    case ENOENT: "\(subject) does not exist."
    case EACCES, EPERM: "\(subject) cannot be read: permission denied."
    default: "\(subject) cannot be read: \(reason)."
    }
  }

  /// The system's reason, such as "No space left on device".
  public var reason: String { String(cString: strerror(code)) }

  /// Whether the path is at fault, not the disk: it leads nowhere, or to something else, or is not allowed.
  public var isOfPath: Bool {
    [ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, EROFS, ENAMETOOLONG, ELOOP, EEXIST, ENOTEMPTY].contains(code)
  }

  /// Whether the file system has no locks to give, or none left.
  public var isLockUnsupported: Bool { [ENOLCK, EOPNOTSUPP, ENOSYS].contains(code) }
}
