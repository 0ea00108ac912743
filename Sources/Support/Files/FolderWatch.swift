internal import Glibc

/// Waits for changes in folders and all that lies in them, by inotify.
public final class FolderWatch {
  private let folders: [String]
  private let descriptor: Int32
  /// The system's numbers of the folders that are watched; one that went and came again has another.
  private var watched: Set<Int32> = []

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
      for folder in try FolderWalk(top).folders {
        // For a folder that is watched it gives the same number again.
        let number = inotify_add_watch(descriptor, PathText.system(folder), Self.events)
        guard number >= 0 else {
          // It went away meanwhile.
          if errno == ENOENT || errno == ENOTDIR { continue }
          throw SystemError("be watched", folder, code: errno)
        }
        if watched.insert(number).inserted { isNew = true }
      }
    }
    return isNew
  }

  /// Waits for a change, and until there was none for a while: a copied folder is many changes.
  ///
  /// - Parameters:
  ///   - quiet: How long nothing has to happen.
  ///   - longest: How long that is waited for after the first change; changes that never end are looked at all the same.
  public func wait(quiet: Duration = .seconds(1), longest: Duration = .seconds(30)) {
    var end: ContinuousClock.Instant?
    while true {
      let rest = end.map { min(quiet, ContinuousClock.now.duration(to: $0)) }
      let timeout = rest.map { Int32(clamping: max(0, Int($0 / .milliseconds(1)))) } ?? -1
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&wanted, 1, timeout)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      drain()
      let last = end ?? ContinuousClock.now + longest
      if ContinuousClock.now >= last { return }
      end = last
      // One look for many changes.
      usleep(50_000)
    }
  }

  /// Reads what has happened; that something has is all that counts.
  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while read(descriptor, &buffer, buffer.count) > 0 {}
  }
}
