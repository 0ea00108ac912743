internal import Glibc

/// Waits for changes in folders and all that lies in them, by inotify.
public final class FolderWatch {
  private let folders: [String]
  private let descriptor: Int32
  private var watched: Set<String> = []

  /// A file that was written to its end, and names that came or went; folders count as names.
  private static let events = UInt32(
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF
      | IN_MOVE_SELF)

  /// Watches nothing yet; see ``cover()``.
  ///
  /// - Throws: ``SystemError`` when the system has no more watches to give.
  public init(_ folders: [String]) throws(SystemError) {
    self.folders = folders
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { throw SystemError("be watched", folders.first ?? "", code: errno) }
  }

  deinit { close(descriptor) }

  /// Watches folders that are not watched yet; from then on no change in them is missed.
  ///
  /// - Returns: Whether there were any: what happened in them before is not known.
  /// - Throws: ``SystemError`` when a folder cannot be read; `ENOSPC` when the system watches as many as it may
  ///   (`fs.inotify.max_user_watches`).
  public func cover() throws(SystemError) -> Bool {
    var isNew = false
    for top in folders {
      for folder in try FolderWalk(top).folders where !watched.contains(folder) {
        guard inotify_add_watch(descriptor, PathText.system(folder), Self.events) >= 0 else {
          // It went away meanwhile.
          if errno == ENOENT || errno == ENOTDIR { continue }
          throw SystemError("be watched", folder, code: errno)
        }
        watched.insert(folder)
        isNew = true
      }
    }
    return isNew
  }

  /// Waits for a change, and until there was none for a while: a copied folder is many changes.
  ///
  /// - Parameters:
  ///   - quiet: How long nothing has to happen, in milliseconds.
  ///   - longest: How long that is waited for after the first change, in milliseconds.
  public func wait(quiet: Int32 = 1_000, longest: Int32 = 30_000) {
    var waited: Int32 = 0
    var timeout: Int32 = -1
    while true {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&wanted, 1, timeout)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      drain()
      if timeout >= 0 {
        // Changes that never end are looked at all the same.
        waited += 100
        if waited >= longest { return }
        usleep(100_000)
      }
      timeout = quiet
    }
  }

  /// Reads what has happened; that something has is all that counts.
  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while read(descriptor, &buffer, buffer.count) > 0 {}
    // A folder that went and came again is another one, of whose watch the system knows.
    watched = watched.filter { InputFile.isThere($0) }
  }
}
