internal import Glibc

/// A lock (`flock`) on a file or folder that ends with this, or with the process.
public struct FileLock: ~Copyable {
  /// Whom a lock keeps out.
  public enum Kind: Sendable {
    /// Those that want it exclusively.
    case shared
    /// Everybody.
    case exclusive
  }

  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  // Closing also ends the lock.
  deinit { close(descriptor) }

  /// Takes the lock of a file, which is made when it is not there, or of a folder.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - kind: Whom it keeps out.
  ///   - patience: How long to wait for those who have it.
  ///   - creating: Whether a file is made when it is not there.
  /// - Returns: The lock; nil when somebody else still has it.
  /// - Throws: ``SystemError`` for everything else, as for a file system that gives no locks.
  public static func take(
    _ path: String, _ kind: Kind = .exclusive, patience: Duration = .zero, creating: Bool = true
  ) throws(SystemError) -> FileLock? {
    var status = stat()
    let place = PathText.system(path)
    let isFolder = stat(place, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    let flags = isFolder ? O_RDONLY | O_DIRECTORY : creating ? O_RDWR | O_CREAT : O_RDONLY
    // Opening a pipe would wait for its other end.
    let descriptor = Glibc.open(place, flags | O_CLOEXEC | O_NONBLOCK, FileMode.file)
    guard descriptor >= 0 else { throw SystemError("be opened", path) }
    let deadline = ContinuousClock.now + patience
    while flock(descriptor, (kind == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK, ContinuousClock.now < deadline else {
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw SystemError("be locked", path, code: code)
      }
      usleep(10_000)
    }
    return FileLock(descriptor)
  }
}
