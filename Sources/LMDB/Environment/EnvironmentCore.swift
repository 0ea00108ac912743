internal import CLMDB
internal import Glibc
internal import Support
internal import Synchronization

/// The one `MDB_env` that a process has for a file, shared by every ``Environment`` of that file.
final class EnvironmentCore: @unchecked Sendable {
  /// LMDB's environment; another one after ``reopen(from:)``.
  ///
  /// Changed only by ``TransactionGate/exclusive(_:)``, when no transaction is open; read by those whom the gate has let in.
  private(set) var handle: OpaquePointer
  let path: String
  let isReadOnly: Bool
  /// Whether the file is a copy that was made to be read; see ``PrivateCopy``.
  let isCopy: Bool
  let gate = TransactionGate()
  private let options: EnvironmentOptions

  /// How often the environment was opened anew, and whether it could not be; changed with ``handle``.
  private let openings = Mutex((count: 0, isLost: false))
  /// The file that was open when the environment was closed, or the one that was put in its place then: no other one is opened
  /// again. Changed as ``handle`` is.
  private var closedFile: FileID?

  /// Where the file is mapped, and how far; changed as ``handle`` is.
  private(set) var map = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Whether ``map`` is a map of our own, where LMDB's was not found.
  private var isMapOwn = false
  /// Which pages were found sound; changed as ``handle`` is.
  private var marks = PageMarks(0)
  /// The state that the last transaction saw.
  private let snapshot = Mutex<FileState?>(nil)
  /// Databases of which every page was found sound, a bit each by LMDB's number.
  let soundDatabases = Atomic<UInt64>(0)
  /// Whether free and used pages were told apart, as must be before the first write.
  private let isWritable = Atomic<Bool>(false)

  /// Databases are opened by one transaction at a time: `mdb_dbi_open` demands it. The state is what is open, by LMDB's
  /// number, to be opened under the same numbers by ``reopen(from:)``.
  let opening = Monitor([MDB_dbi: (name: String, flags: UInt32)]())

  /// Who wants the system to read ahead.
  let readingAhead = Monitor(ReadingAhead())

  /// Bytes in use when slots of dead readers were last looked for; see ``didCommit()``.
  private let bytesAtReaderCheck = Atomic<Int>(0)

  /// Opens the environment in an existing folder.
  init(path: String, options: EnvironmentOptions) throws(LMDBError) {
    self.path = path
    self.options = options
    handle = try Self.open(path, options)
    isReadOnly = options.readOnly
    isCopy = false
    followMap()
    clearDeadReaders()
  }

  /// Opens a file that nobody else uses, without LMDB's locks; it is made when it is not there.
  ///
  /// - Parameters:
  ///   - synchronizing: Whether each commit is brought to the disk; else the caller does it once.
  ///   - isCopy: Whether it is a copy that was made to be read.
  init(
    file: String, readOnly: Bool, synchronizing: Bool = true, mapSize: Int? = nil, isCopy: Bool = false
  ) throws(LMDBError) {
    path = file
    var options = EnvironmentOptions(maximumDatabases: 126, readOnly: readOnly)
    if let mapSize { options.initialMapSize = max(mapSize, EnvironmentOptions.leastMapSize) }
    self.options = options
    var flags = UInt32(MDB_NOSUBDIR | MDB_NOLOCK | MDB_NORDAHEAD)
    if readOnly { flags |= UInt32(MDB_RDONLY) }
    if !synchronizing { flags |= UInt32(MDB_NOSYNC) }
    handle = try Self.open(file, flags, options)
    isReadOnly = readOnly
    self.isCopy = isCopy
    followMap()
  }

  deinit {
    if isMapOwn { munmap(map.baseAddress, map.count) }
    if !isLost { mdb_env_close(handle) }
  }

  private static func open(_ path: String, _ options: EnvironmentOptions) throws(LMDBError) -> OpaquePointer {
    // Reader slots belong to transactions, not threads, so that one thread may have several. Who wants more read than
    // the pages that are asked for says so.
    var flags = UInt32(MDB_NOTLS | MDB_NORDAHEAD)
    if options.readOnly { flags |= UInt32(MDB_RDONLY) }
    try LockFile.reserve(in: path, readers: options.maximumReaders)
    return try open(path, flags, options)
  }

  /// Opens an environment; with a smaller map where address space is short.
  ///
  /// The map takes address space only. It is large from the beginning because moving it waits for all transactions of the
  /// process, and one of them may wait for a writer of another process.
  static func open(
    _ path: String, _ flags: UInt32, _ options: EnvironmentOptions
  ) throws(LMDBError) -> OpaquePointer {
    // LMDB would wait for the writer of a pipe.
    var status = stat()
    let file = flags & UInt32(MDB_NOSUBDIR) != 0 ? path : path + "/data.mdb"
    guard stat(file, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    var mapSize = options.initialMapSize
    while true {
      var created: OpaquePointer?
      try LMDBError.check(mdb_env_create(&created))
      guard let handle = created else { throw .outOfMemory }
      do throws(LMDBError) {
        try LMDBError.check(mdb_env_set_maxdbs(handle, MDB_dbi(options.maximumDatabases)))
        try LMDBError.check(mdb_env_set_maxreaders(handle, UInt32(options.maximumReaders)))
        try LMDBError.check(mdb_env_set_mapsize(handle, mapSize))
        try LMDBError.check(mdb_env_open(handle, path, flags, FileMode.file))
        return handle
      } catch {
        mdb_env_close(handle)
        guard error == .outOfMemory, mapSize > EnvironmentOptions.leastMapSize else { throw error }
        mapSize /= 8
      }
    }
  }

  /// How often the environment was opened anew; for ``reopen(from:)``.
  var openingCount: Int { openings.withLock { $0.count } }

  /// Whether there is no environment: it had to be opened anew, and could not be.
  var isLost: Bool { openings.withLock { $0.isLost } }

  /// Opens the environment anew, after a failed write of the file's head: LMDB then refuses all transactions, also those
  /// that read. What was committed before is in the file; the commit that failed is not.
  ///
  /// - Parameter count: ``openingCount`` when the transaction was refused: another thread may have done it meanwhile.
  /// - Throws: ``LMDBError``: the system's errors, after which it is tried again by the next transaction; `MDB_PANIC` when
  ///   other transactions of the process do not end, or the thread itself has one open.
  func reopen(from count: Int) throws(LMDBError) {
    let opened: Result<Void, LMDBError>
    do throws(LMDBError) {
      opened = try gate.exclusive {
        guard openingCount == count else { return .success(()) }
        closeHandle()
        return Result { () throws(LMDBError) in try openAgain() }
      }
    } catch {
      throw error == .busy ? .panic : error
    }
    try opened.get()
  }

  /// Runs `body` while the environment is closed, so that its file may be replaced by one with the same databases; transactions wait for
  /// as long as that takes.
  ///
  /// - Parameters:
  ///   - locking: Keeps others from opening or replacing the file; called before it is closed, and what it throws leaves it open.
  ///   - body: Is given that lock, and a function that opens the environment again, which it calls at its end. When that fails, the next
  ///     transaction tries it again.
  /// - Throws: `EBUSY` when transactions of the process do not end for long, `EDEADLK` when the thread itself has one open, and what
  ///   `locking` throws.
  func whileClosed(
    after locking: () throws(LMDBError) -> OpeningLock,
    _ body: (_ lock: OpeningLock, _ reopen: () -> Void) -> Void
  ) throws(LMDBError) {
    var attempts = 0
    while true {
      do throws(LMDBError) {
        return try gate.exclusive(patience: Self.closingPatience) {
          Result { () throws(LMDBError) in try locking() }.map { lock in
            closeHandle()
            body(lock) {
              closedFile = FileID(path: path + "/data.mdb") ?? closedFile
              try? openAgain(isLocked: true)
            }
            withExtendedLifetime(lock) {}
          }
        }.get()
      } catch {
        attempts += 1
        guard error == .busy, attempts < Self.closingAttempts else { throw error }
        // Those who read get on between two attempts.
        usleep(Self.closingPause)
      }
    }
  }

  /// So long those who come wait for those who are in, for one attempt to close the environment.
  private static let closingPatience = Duration.milliseconds(200)
  private static let closingAttempts = 50
  /// In microseconds.
  private static let closingPause: UInt32 = 200_000

  /// Closes LMDB's environment; for whom the gate has let in alone.
  private func closeHandle() {
    if !isLost {
      var descriptor: mdb_filehandle_t = -1
      if mdb_env_get_fd(handle, &descriptor) == 0 { closedFile = FileID(descriptor: descriptor) }
      mdb_env_close(handle)
    }
    openings.withLock { $0.isLost = true }
  }

  /// Opens the environment that was closed, with the same databases; for whom the gate has let in alone.
  ///
  /// - Parameter isLocked: Whether the caller has the ``OpeningLock``.
  /// - Throws: ``LMDBError/replaced`` when others have put another file in the place of the one that was closed.
  private func openAgain(isLocked: Bool = false) throws(LMDBError) {
    let new =
      isLocked
      ? try Self.open(path, options)
      : try OpeningTurn.wait(for: path) { () throws(LMDBError) in try Self.open(path, options) }
    do throws(LMDBError) {
      var descriptor: mdb_filehandle_t = -1
      guard mdb_env_get_fd(new, &descriptor) == 0, FileID(descriptor: descriptor) == closedFile else {
        throw .replaced
      }
      try openDatabases(of: new)
    } catch {
      mdb_env_close(new)
      throw error
    }
    handle = new
    followMap()
    // It may be another file.
    soundDatabases.store(0, ordering: .relaxed)
    isWritable.store(false, ordering: .releasing)
    openings.withLock { $0 = ($0.count + 1, false) }
  }

  /// Opens the databases that were open under the numbers that they had.
  private func openDatabases(of handle: OpaquePointer) throws(LMDBError) {
    // Nobody else opens databases: that takes a transaction.
    let databases = opening.unguarded.sorted { $0.key < $1.key }
    guard !databases.isEmpty else { return }
    var transaction: OpaquePointer?
    try LMDBError.check(mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction))
    for (index, database) in databases {
      var found: MDB_dbi = 0
      let code = mdb_dbi_open(transaction, database.name, database.flags, &found)
      guard code == MDB_SUCCESS, found == index else {
        mdb_txn_abort(transaction)
        throw code == MDB_SUCCESS ? .corrupted : LMDBError(rawValue: code)
      }
    }
    try LMDBError.check(mdb_txn_commit(transaction))
  }

  /// The state with a number, whose transaction is open.
  ///
  /// - Throws: `MDB_CORRUPTED` for a damaged head or list of databases; `MDB_BAD_TXN` when other commits have taken the
  ///   state's place meanwhile.
  func snapshot(_ number: Int) throws(LMDBError) -> FileState {
    if let last = snapshot.withLock({ $0 }), last.number == number { return last }
    guard let start = map.baseAddress else { throw .outOfMemory }
    // The pages of the state were written before its number was.
    var descriptor: mdb_filehandle_t = -1
    var status = stat()
    guard mdb_env_get_fd(handle, &descriptor) == 0, fstat(descriptor, &status) == 0 else {
      throw LMDBError(rawValue: errno)
    }
    let new = try FileState(
      number, map: start, mapSize: map.count, fileSize: Int(status.st_size),
      pageSize: Int(statistics.ms_psize), marks: marks)
    snapshot.withLock { $0 = new }
    return new
  }

  /// Sees to it, once, that the free pages are free: a writer would write over those that are not.
  ///
  /// - Throws: `MDB_CORRUPTED`.
  func prepareToWrite(_ snapshot: FileState) throws(LMDBError) {
    if isWritable.load(ordering: .acquiring) { return }
    try snapshot.pages.verify(snapshot.free, .freeLists)
    try snapshot.verifyUse()
    isWritable.store(true, ordering: .releasing)
  }

  /// Takes over where the file is mapped now.
  private func followMap() {
    if isMapOwn { munmap(map.baseAddress, map.count) }
    isMapOwn = false
    snapshot.withLock { $0 = nil }
    map = findMap()
    let size = info.me_mapsize
    if map.count < size {
      map = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      var descriptor: mdb_filehandle_t = -1
      if mdb_env_get_fd(handle, &descriptor) == 0,
        let start = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
      {
        map = UnsafeMutableRawBufferPointer(start: start, count: size)
        isMapOwn = true
      }
    }
    marks = PageMarks(map.count / max(Int(statistics.ms_psize), 512))
  }

  /// Looks for slots of dead readers when the file has grown: what such a reader saw is not used again, so that every
  /// commit makes the file longer.
  ///
  /// Called after each commit, by those whom the gate has let in.
  func didCommit() {
    let bytes = (info.me_last_pgno + 1) * Int(statistics.ms_psize)
    let before = bytesAtReaderCheck.load(ordering: .relaxed)
    guard bytes - before >= max(1 << 20, before / 64) else { return }
    bytesAtReaderCheck.store(bytes, ordering: .relaxed)
    var dead: Int32 = 0
    mdb_reader_check(handle, &dead)
  }

  private func clearDeadReaders() {
    var dead: Int32 = 0
    mdb_reader_check(handle, &dead)
    bytesAtReaderCheck.store((info.me_last_pgno + 1) * Int(statistics.ms_psize), ordering: .relaxed)
  }

  /// Bytes of the memory map.
  var mapSize: Int { gate.shared { info.me_mapsize } }

  /// Bytes of the file in use.
  var usedBytes: Int { gate.shared { (info.me_last_pgno + 1) * Int(statistics.ms_psize) } }

  /// Bytes of a page.
  var pageSize: Int { gate.shared { Int(statistics.ms_psize) } }

  /// Figures that LMDB reads through the map, which nobody may move meanwhile.
  private var info: MDB_envinfo {
    var info = MDB_envinfo()
    if !isLost { mdb_env_info(handle, &info) }
    return info
  }

  private var statistics: MDB_stat {
    var statistics = MDB_stat()
    if !isLost { mdb_env_stat(handle, &statistics) }
    return statistics
  }

  /// Doubles the memory map, unless another thread has done so since `size` was read.
  func growMap(from size: Int) throws(LMDBError) {
    try resize {
      guard info.me_mapsize == size else { return MDB_SUCCESS }
      // A reader that died keeps old pages from being used again: the map may be full for that alone.
      var dead: Int32 = 0
      mdb_reader_check(handle, &dead)
      let (doubled, overflow) = size.multipliedReportingOverflow(by: 2)
      if overflow { return MDB_MAP_FULL }
      defer { followMap() }
      return mdb_env_set_mapsize(handle, doubled)
    }
  }

  /// Takes over the size that another process has given the file.
  func followMapSize() throws(LMDBError) {
    try resize {
      defer { followMap() }
      return mdb_env_set_mapsize(handle, 0)
    }
  }

  private func resize(_ body: () -> Int32) throws(LMDBError) {
    let code: Int32
    do throws(LMDBError) {
      code = try gate.exclusive { isLost ? MDB_PANIC : body() }
    } catch {
      throw error == .deadlock ? .mapFull : error
    }
    try LMDBError.check(code)
  }
}
