internal import Glibc
internal import Support
internal import Synchronization

/// The environments that this process has open: LMDB forbids opening a file twice in one process, because
/// closing one would drop the file locks of the other.
enum EnvironmentRegistry {
  private struct Entry {
    let core: EnvironmentCore
    var users: Int
  }

  private struct State {
    /// What is open, by `data.mdb`.
    var entries: [FileID: Entry] = [:]
    /// Folders that a thread of this process has alone.
    var excluded: Set<FileID> = []
  }

  private static let state = Mutex(State())

  /// The environment in this folder, opened unless it is open. A copy for who may read the file but not its lock file is shared with
  /// nobody: who opens the file later sees a later state.
  ///
  /// - Throws: `EBUSY` when it is open for reading only and is now wanted for writing; ``LMDBError/inUse`` when somebody has
  ///   it alone and does not end soon.
  static func acquire(path: String, options: EnvironmentOptions) throws(LMDBError) -> EnvironmentCore {
    do throws(LMDBError) {
      return try open(path: path, options: options)
    } catch {
      guard error == .permissionDenied, options.readOnly, let copy = try PrivateCopy.open(of: path) else {
        throw error
      }
      try copy.checkFileLength(path: path)
      return copy
    }
  }

  private static func open(path: String, options: EnvironmentOptions) throws(LMDBError) -> EnvironmentCore {
    if let core = try shared(path, options) { return core }
    // Waiting keeps nobody from using, or giving back, other environments.
    return try OpeningTurn.wait(for: path) { () throws(LMDBError) -> EnvironmentCore in
      try state.withLock { (state) throws(LMDBError) -> EnvironmentCore in
        if let core = try share(path, options, &state) { return core }
        if let id = FileID(path: path), state.excluded.contains(id) { throw .inUse }
        try Environment.checkThere(path)
        let core = try EnvironmentCore(path: path, options: options)
        try core.checkFileLength(path: path)
        guard let id = FileID(path: path + "/data.mdb") else { throw .noSuchFile }
        state.entries[id] = Entry(core: core, users: 1)
        return core
      }
    }
  }

  private static func shared(_ path: String, _ options: EnvironmentOptions) throws(LMDBError)
    -> EnvironmentCore?
  {
    try state.withLock { (state) throws(LMDBError) in try share(path, options, &state) }
  }

  private static func share(
    _ path: String, _ options: EnvironmentOptions, _ state: inout State
  ) throws(LMDBError) -> EnvironmentCore? {
    guard let id = FileID(path: path + "/data.mdb"), var entry = state.entries[id] else { return nil }
    if entry.core.isReadOnly, !options.readOnly { throw .busy }
    entry.users += 1
    state.entries[id] = entry
    return entry.core
  }

  /// Runs `body` while the process does not have the environment open and cannot open it.
  ///
  /// - Throws: ``LMDBError/inUse`` when it is open, or another thread has it alone.
  static func excluding<Result>(path: String, _ body: () throws -> Result) throws -> Result {
    guard let folder = FileID(path: path) else { throw LMDBError.noSuchFile }
    try state.withLock { (state) throws(LMDBError) in
      if let id = FileID(path: path + "/data.mdb"), state.entries[id] != nil { throw .inUse }
      guard state.excluded.insert(folder).inserted else { throw .inUse }
    }
    defer { _ = state.withLock { $0.excluded.remove(folder) } }
    return try body()
  }

  /// Runs `body`, which may replace the file of an environment that the process has open, while it is closed and nobody, in this process or
  /// another one, can open it: others from before it is closed until it is open again.
  ///
  /// - Parameter path: The folder that the caller takes for the environment's.
  /// - Throws: ``LMDBError/replaced`` when another file lies there, ``LMDBError/inUse`` when somebody else is opening or replacing it, what
  ///   ``EnvironmentCore/whileClosed(after:_:)`` throws, and what `body` throws.
  static func suspending<Result>(
    _ core: EnvironmentCore, path: String, _ body: (OpeningLock) throws -> Result
  ) throws -> Result {
    var result: Swift.Result<Result, any Error>?
    try core.whileClosed(after: { () throws(LMDBError) -> OpeningLock in
      let lock = try OpeningLock(path, patience: OpeningLock.shortPatience)
      // Where it was opened by another path it is opened again by that.
      for place in [path, core.path] { try core.checkPlace(path: place) }
      return lock
    }) { lock, reopen in
      // Nobody of this process looks for the file before it has its place in the list.
      state.withLock { state in
        result = Swift.Result { try body(lock) }
        reopen()
        guard let place = state.entries.first(where: { $0.value.core === core }),
          let id = FileID(path: path + "/data.mdb"), id != place.key
        else { return }
        state.entries[place.key] = nil
        state.entries[id] = place.value
      }
    }
    guard let result else { throw LMDBError.busy }
    return try result.get()
  }

  /// Gives an environment back; the last one to do so closes it.
  static func release(_ core: EnvironmentCore) {
    state.withLock { state in
      guard let id = state.entries.first(where: { $0.value.core === core })?.key,
        var entry = state.entries[id]
      else { return }
      entry.users -= 1
      // Closing happens under the lock, so that nobody opens the file in between.
      state.entries[id] = entry.users > 0 ? entry : nil
    }
  }
}
