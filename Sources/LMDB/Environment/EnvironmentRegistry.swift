internal import Glibc
internal import Synchronization

/// The environments that this process has open: LMDB forbids opening a file twice in one process, because
/// closing one would drop the file locks of the other.
enum EnvironmentRegistry {
  private struct FileID: Hashable {
    let device: UInt
    let inode: UInt
  }

  private struct Entry {
    let core: EnvironmentCore
    var users: Int
  }

  private static let entries = Mutex<[FileID: Entry]>([:])

  /// The environment in this folder, opened unless it is open.
  ///
  /// - Throws: `EBUSY` when it is open for reading only and is now wanted for writing.
  static func acquire(path: String, options: EnvironmentOptions) throws(LMDBError) -> EnvironmentCore {
    try entries.withLock { (entries) throws(LMDBError) -> EnvironmentCore in
      if let id = fileID(ofDatabaseIn: path), var entry = entries[id] {
        if entry.core.isReadOnly, !options.readOnly { throw .busy }
        entry.users += 1
        entries[id] = entry
        return entry.core
      }
      let core = try EnvironmentCore(path: path, options: options)
      try core.checkFileLength(path: path)
      guard let id = fileID(ofDatabaseIn: path) else { throw .noSuchFile }
      entries[id] = Entry(core: core, users: 1)
      return core
    }
  }

  /// Runs `body` while the process does not have the environment open and cannot open it.
  ///
  /// - Throws: ``LMDBError/inUse`` when it is open.
  static func excluding<Result>(path: String, _ body: () throws -> Result) throws -> Result {
    try entries.withLock { entries in
      if let id = fileID(ofDatabaseIn: path), entries[id] != nil { throw LMDBError.inUse }
      return try body()
    }
  }

  /// Gives an environment back; the last one to do so closes it.
  static func release(_ core: EnvironmentCore) {
    entries.withLock { entries in
      guard let id = entries.first(where: { $0.value.core === core })?.key, var entry = entries[id] else {
        return
      }
      entry.users -= 1
      // Closing happens under the lock, so that nobody opens the file in between.
      entries[id] = entry.users > 0 ? entry : nil
    }
  }

  private static func fileID(ofDatabaseIn path: String) -> FileID? {
    var status = stat()
    guard stat(path + "/data.mdb", &status) == 0 else { return nil }
    return FileID(device: UInt(status.st_dev), inode: UInt(status.st_ino))
  }
}
