internal import CLMDB
internal import Glibc
internal import Support

/// Writes a state into a new file record by record, in the order of the keys: every page is full, and nothing else is in it.
///
/// LMDB's own copy takes pages as they are, half empty after many changes, damaged if they are, and with a thread of its own.
struct DenseCopy {
  /// Bytes written in a transaction: its pages are held in memory until it is committed.
  private static let batch = 64 << 20
  /// Bytes between calls for progress.
  private static let step = 1 << 20

  private let core: EnvironmentCore
  private let pages: PageReader
  private let progress: ((Int) -> Void)?

  private var transaction: OpaquePointer?
  private var cursor: OpaquePointer?
  private var database: (name: String, flags: UInt32)?
  private var done = 0
  private var reported = 0
  private var inBatch = 0

  /// Writes all databases of a state into a file, which must not be there, and synchronises it.
  ///
  /// - Parameter progress: Called now and then with the bytes of keys and values that were written.
  /// - Throws: `MDB_CORRUPTED` for a page that is not sound, and the system's errors; the file is to be removed then.
  static func write(_ snapshot: FileState, to file: String, progress: ((Int) -> Void)?) throws(LMDBError) {
    try snapshot.verifyUse()
    let used = (snapshot.lastPage + 1) * snapshot.pageSize
    let core = try EnvironmentCore(
      file: file, readOnly: false, synchronizing: false, mapSize: 2 * used + 16 << 20)
    var copy = DenseCopy(core: core, pages: snapshot.pages, progress: progress)
    do throws(LMDBError) {
      defer { copy.end() }
      for (name, record) in snapshot.tables.sorted(by: { $0.key < $1.key }) {
        guard let kind = record.kind else { throw .corrupted }
        try copy.write(name, record, kind)
      }
      try copy.commit()
      try LMDBError.check(mdb_env_sync(core.handle, 1))
    } catch {
      guard error == .inputOutput else { throw error }
      // A write that went through only in part: see `limitReached`.
      throw EnvironmentCore.limitReached(path: Folder.of(file), bytes: core.usedBytes) ?? error
    }
    progress?(copy.done)
  }

  private init(core: EnvironmentCore, pages: PageReader, progress: ((Int) -> Void)?) {
    self.core = core
    self.pages = pages
    self.progress = progress
  }

  private mutating func write(_ name: String, _ record: TreeRecord, _ kind: TreeKind) throws(LMDBError) {
    database = (name, record.flags)
    try open()
    var entries: UInt64 = 0
    let pages = pages
    // The closure cannot change `self`, which it would share with the walk.
    var copy = self
    try pages.walk(record, kind) { (page) throws(LMDBError) in
      for index in 0..<page.count { entries += try copy.write(page.node(index), kind) }
    }
    self = copy
    guard entries == record.entries else { throw .corrupted }
  }

  /// Writes what a node holds, and says how many entries that is.
  private mutating func write(_ node: PageNode, _ kind: TreeKind) throws(LMDBError) -> UInt64 {
    if node.flags == PageNode.isLarge {
      try put(node.key, try pages.largeValue(node), MDB_APPEND)
      return 1
    }
    guard case .duplicates(let isFixed) = kind, node.flags & PageNode.hasDuplicates != 0 else {
      try put(node.key, node.value, MDB_APPEND)
      return 1
    }
    var count: UInt64 = 0
    if node.flags & PageNode.isTree == 0 {
      guard let page = pages.subPage(node.value) else { throw .corrupted }
      try writeMembers(page, of: node.key, &count)
    } else {
      guard let members = pages.memberTree(node, isFixed: isFixed) else { throw .corrupted }
      var copy = self
      try pages.walk(members.record, members.kind) { (page) throws(LMDBError) in
        try copy.writeMembers(page, of: node.key, &count)
      }
      self = copy
    }
    return count
  }

  private mutating func writeMembers(
    _ page: Page, of key: UnsafeRawBufferPointer, _ count: inout UInt64
  ) throws(LMDBError) {
    for index in 0..<page.count {
      try put(key, page.key(index), count == 0 ? MDB_APPEND : MDB_APPENDDUP)
      count += 1
    }
  }

  private mutating func put(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ flags: Int32
  ) throws(LMDBError) {
    assert(cursor != nil, "a database is open while it is written")
    var key = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
    var value = MDB_val(mv_size: value.count, mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress))
    let bytes = key.mv_size + value.mv_size
    try LMDBError.check(mdb_cursor_put(cursor, &key, &value, UInt32(flags)))
    (done, inBatch) = (done + bytes, inBatch + bytes)
    if done - reported >= Self.step {
      reported = done
      progress?(done)
    }
    if inBatch >= Self.batch {
      try commit()
      try open()
    }
  }

  /// Opens the database that is being written, in a transaction that goes on or is new.
  private mutating func open() throws(LMDBError) {
    guard let database else { return }
    if transaction == nil { try LMDBError.check(mdb_txn_begin(core.handle, nil, 0, &transaction)) }
    closeCursor()
    var index: MDB_dbi = 0
    try LMDBError.check(mdb_dbi_open(transaction, database.name, database.flags | UInt32(MDB_CREATE), &index))
    try LMDBError.check(mdb_cursor_open(transaction, index, &cursor))
  }

  private mutating func commit() throws(LMDBError) {
    closeCursor()
    guard let transaction else { return }
    self.transaction = nil
    inBatch = 0
    try LMDBError.check(mdb_txn_commit(transaction))
  }

  private mutating func closeCursor() {
    if let cursor { mdb_cursor_close(cursor) }
    cursor = nil
  }

  private mutating func end() {
    closeCursor()
    if let transaction { mdb_txn_abort(transaction) }
    transaction = nil
  }
}
