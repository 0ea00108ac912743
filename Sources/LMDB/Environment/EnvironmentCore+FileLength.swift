internal import CLMDB
internal import Glibc

extension EnvironmentCore {
  /// Checks that the file is as long as its head says: pages that are missing would end the process with
  /// SIGBUS when they are read through the map.
  ///
  /// LMDB does not write pages that were freed in the transaction that took them, so a sound file may be
  /// short by free pages at its end. A missing page that is not free is damage.
  ///
  /// - Throws: `MDB_CORRUPTED` when pages are missing.
  func checkFileLength(path: String) throws(LMDBError) {
    guard missingBytes(path: path) > 0 else { return }
    guard !isReadOnly else {
      // It cannot be made longer here: whatever is in use must be there.
      let transaction = try ReadTransaction(self)
      return try transaction.raw.snapshot.verifyUse()
    }
    // Under the write lock: another process may be committing.
    let writeLock = try takeWriteLock()
    defer { mdb_txn_abort(writeLock) }
    guard missingBytes(path: path) > 0 else { return }

    let file = path + "/data.mdb"
    var status = stat()
    guard stat(file, &status) == 0 else { throw LMDBError(rawValue: errno) }
    // The walk over the free list may itself need missing pages: zeros are safe to read.
    guard truncate(file, off_t(usedBytes)) == 0 else { throw LMDBError(rawValue: errno) }
    let firstMissing = Int(status.st_size) / pageSize
    let missing = usedBytes / pageSize - firstMissing
    var free = 0
    do throws(LMDBError) {
      try forEachFreePage { page in if page >= firstMissing { free += 1 } }
    } catch {
      free = -1
    }
    guard free == missing else {
      _ = truncate(file, status.st_size)
      throw .corrupted
    }
  }

  /// Checks that the file at a path is the one that is open; for those whom the gate has let in.
  ///
  /// - Throws: ``LMDBError/replaced``, and the system's errors.
  func checkPlace(path: String) throws(LMDBError) {
    // A copy lies nowhere.
    if isLost || isCopy { return }
    var descriptor: mdb_filehandle_t = -1
    guard mdb_env_get_fd(handle, &descriptor) == 0, let open = FileID(descriptor: descriptor) else {
      throw LMDBError(rawValue: errno)
    }
    guard let there = FileID(path: path + "/data.mdb") else {
      throw errno == ENOENT || errno == ENOTDIR ? .replaced : LMDBError(rawValue: errno)
    }
    guard open == there else { throw .replaced }
  }

  /// Begins a write transaction, with the map of those who have grown the file since this environment was opened.
  private func takeWriteLock() throws(LMDBError) -> OpaquePointer? {
    while true {
      var transaction: OpaquePointer?
      let code = mdb_txn_begin(handle, nil, 0, &transaction)
      guard code == MDB_MAP_RESIZED else {
        try LMDBError.check(code)
        return transaction
      }
      try followMapSize()
    }
  }

  /// How much shorter the file is than it must be.
  private func missingBytes(path: String) -> Int {
    var status = stat()
    guard stat(path + "/data.mdb", &status) == 0 else { return 0 }
    return max(0, usedBytes - Int(status.st_size))
  }

  /// Walks LMDB's free list: database 0, whose values are arrays of page numbers, their count first.
  private func forEachFreePage(_ body: (Int) -> Void) throws(LMDBError) {
    let transaction = try ReadTransaction(self)
    let snapshot = transaction.raw.snapshot
    try snapshot.pages.verify(snapshot.free, .freeLists)
    // LMDB shows this database to read transactions only.
    try Self.forEachFreeList(transaction.raw.handle) { list in for page in list { body(page) } }
  }

  /// Calls `body` with the lists of free pages that a read transaction sees.
  static func forEachFreeList(
    _ transaction: OpaquePointer?, _ body: (FreeList) -> Void
  ) throws(LMDBError) {
    var cursor: OpaquePointer?
    try LMDBError.check(mdb_cursor_open(transaction, 0, &cursor))
    defer { mdb_cursor_close(cursor) }
    var key = MDB_val()
    var value = MDB_val()
    while true {
      let code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
      if code == MDB_NOTFOUND { return }
      try LMDBError.check(code)
      guard let list = FreeList(value.bytes) else { throw .corrupted }
      body(list)
    }
  }
}

/// Page numbers that one transaction freed.
struct FreeList: Sequence {
  private let words: UnsafeRawBufferPointer
  /// How many there are.
  let count: Int

  init?(_ words: UnsafeRawBufferPointer) {
    let width = MemoryLayout<UInt>.size
    guard words.count >= width else { return nil }
    count = Int(words.loadUnaligned(as: UInt.self))
    guard count < words.count / width else { return nil }
    self.words = words
  }

  func makeIterator() -> some IteratorProtocol<Int> {
    (0..<count).lazy.map { [words] index in
      Int(words.loadUnaligned(fromByteOffset: (index + 1) * MemoryLayout<UInt>.size, as: UInt.self))
    }.makeIterator()
  }
}

extension EnvironmentCore {
  /// The limit that keeps the file from growing, if there is one.
  ///
  /// When a disk takes only a part of what is written, LMDB reports `EIO`, as for a disk that fails: which of
  /// the two it was is found here.
  func limitReached(path: String) -> LMDBError? { Self.limitReached(path: path, bytes: usedBytes) }

  /// The limit that keeps a file of so many bytes from growing, if there is one.
  static func limitReached(path: String, bytes: Int) -> LMDBError? {
    // What a commit may need beyond the file's present length.
    let need = UInt64(16 << 20)
    var disk = statvfs()
    if statvfs(path, &disk) == 0, UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < need { return .noSpace }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
      limit.rlim_cur < UInt64(bytes) + need
    {
      return .fileTooLarge
    }
    return nil
  }
}
