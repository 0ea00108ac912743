internal import Glibc
internal import Support

/// Keeps those who open an environment and those who need it alone apart, by a lock (`flock`) on
/// `data.mdb`.
///
/// LMDB by itself would wait for the latter without end, and then fail over a lock file that was emptied meanwhile.
enum OpeningTurn {
  /// How long somebody who opens waits for somebody who compacts or restores.
  static let patience = Duration.seconds(60)

  /// How often an opening is tried again beside programs that do not take this lock.
  private static let attempts = 100

  /// Runs `body`, which opens the environment in a folder, while nobody has it alone.
  ///
  /// Where the file system gives no such locks, nobody can have it alone either; see ``ExclusiveAccess``.
  ///
  /// - Throws: ``LMDBError/inUse`` when somebody still has it when the patience is over, and what `body` throws.
  static func wait<Result>(
    for folder: String, patience: Duration = patience, _ body: () throws(LMDBError) -> Result
  ) throws(LMDBError) -> Result {
    let lock = try take(folder, .shared, patience: patience, isNeeded: false)
    defer { withExtendedLifetime(lock) {} }
    for _ in 1..<attempts {
      do throws(LMDBError) {
        return try body()
      } catch  where error.rawValue == EINVAL {
        // An older program that has it alone has emptied the lock file under the eyes of LMDB.
        usleep(10_000)
      }
    }
    return try body()
  }

  /// Takes the lock of the file that is in place; nil where there is none.
  ///
  /// - Parameter isNeeded: Whether it is an error when the file system gives no locks.
  /// - Throws: ``LMDBError/inUse`` when somebody else has it, and the system's errors.
  static func take(
    _ folder: String, _ kind: FileLock.Kind, patience: Duration, isNeeded: Bool
  ) throws(LMDBError) -> FileLock? {
    let deadline = ContinuousClock.now + patience
    let file = folder + "/data.mdb"
    while true {
      let before = FileID(path: file)
      do throws(SystemError) {
        let lock = try FileLock.take(file, kind, patience: max(.zero, deadline - .now), creating: false)
        guard let lock else { break }
        // It may have been replaced while we waited.
        if FileID(path: file) == before { return lock }
      } catch {
        // A file that is not there, or may not be read, is reported by LMDB.
        if error.code == ENOENT || !isNeeded && (error.isLockUnsupported || error.isOfPath) { return nil }
        throw LMDBError(rawValue: error.code)
      }
    }
    throw .inUse
  }
}

/// Keeps others from opening an environment for as long as this exists, whether its file is replaced meanwhile or not.
final class OpeningLock {
  /// How long somebody may take to open or close it.
  static let patience = Duration.seconds(2)
  /// The same where this process's own transactions, and openings of other environments, wait meanwhile.
  static let shortPatience = Duration.milliseconds(200)

  /// The lock of the file that was in place.
  private let present: FileLock?
  /// That of the one which takes its place.
  private var next: FileLock?

  /// - Throws: ``LMDBError/inUse`` when somebody opens or replaces it, `ENOLCK` and the like when the file system gives no locks.
  init(_ folder: String, patience: Duration) throws(LMDBError) {
    present = try OpeningTurn.take(folder, .exclusive, patience: patience, isNeeded: true)
  }

  /// Locks a file before it is put in the place of the present one.
  func extend(to file: String) throws(LMDBError) {
    do throws(SystemError) {
      next = try FileLock.take(file, .exclusive, creating: false)
    } catch {
      throw LMDBError(rawValue: error.code)
    }
  }
}
