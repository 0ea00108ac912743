internal import CLMDB
internal import Synchronization

/// What is verified before LMDB goes through pages; see ``FileState``.
extension RawTransaction {
  /// Databases of at most so many leaves are verified as a whole when they are first used.
  private static let fewLeaves = 64

  /// Finds a value where it lies in the file, or, when this transaction has changed it, in memory.
  ///
  /// - Throws: `MDB_CORRUPTED` for a page on the way that is not sound, and LMDB's errors.
  func find<Key, Value>(
    _ key: UnsafeRawBufferPointer, in database: Database<Key, Value>
  ) throws(LMDBError) -> UnsafeRawBufferPointer? {
    guard key.count > 0 else { throw .badValueSize }
    if let tree = try snapshot.tree(database.name, flags: database.kind.flags) {
      let pages = snapshot.pages
      if isWriting, isSound(database), tree.record.overflowPages == 0 {
        // Every page is sound.
      } else if let node = try pages.find(key, in: tree.record, tree.kind) {
        let isLarge = node.flags == PageNode.isLarge
        let large = isLarge ? try pages.largeValue(node) : nil
        if !isWriting, node.flags & PageNode.hasDuplicates == 0 { return large ?? node.value }
      } else if !isWriting {
        return nil
      }
    } else if !isWriting {
      // Made after this transaction began.
      return nil
    }
    var key = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
    var value = MDB_val()
    let code = mdb_get(handle, database.index, &key, &value)
    if code == MDB_NOTFOUND { return nil }
    try LMDBError.check(code)
    return value.bytes
  }

  /// Verifies what a change of a key will touch.
  func willChange<Key, Value>(
    _ key: UnsafeRawBufferPointer, in database: Database<Key, Value>, appending: Bool
  ) throws(LMDBError) {
    guard let tree = try snapshot.tree(database.name, flags: database.kind.flags) else { return }
    let pages = snapshot.pages
    if tree.record.overflowPages > 0, !appending, let node = try pages.find(key, in: tree.record, tree.kind),
      node.flags == PageNode.isLarge
    {
      _ = try pages.largeValue(node)
    }
    if isSound(database) { return }
    if tree.record.leafPages <= Self.fewLeaves { return try willUseAll(of: database) }
    if appending {
      try pages.verify(edgeOf: tree.record, tree.kind, isLast: true)
    } else {
      try pages.verify(wayTo: key, in: tree.record, tree.kind, .beside)
    }
  }

  /// Verifies all pages of a database, the first time.
  ///
  /// - Parameter values: Whether the heads of large values, too, each time.
  func willUseAll<Key, Value>(of database: Database<Key, Value>, values: Bool = false) throws(LMDBError) {
    guard let tree = try snapshot.tree(database.name, flags: database.kind.flags) else { return }
    let pages = snapshot.pages
    if values, tree.record.overflowPages > 0 {
      try pages.walk(tree.record, tree.kind) { (page) throws(LMDBError) in
        for index in 0..<page.count where page.node(index).flags == PageNode.isLarge {
          _ = try pages.largeValue(page.node(index))
        }
      }
    }
    if isSound(database) { return }
    try pages.verify(tree.record, tree.kind)
    core.soundDatabases.bitwiseOr(bit(of: database), ordering: .relaxed)
  }

  /// Verifies a small database before its entries are taken as many as its record says.
  func willCount<Key, Value>(_ database: Database<Key, Value>) throws(LMDBError) {
    guard let tree = try snapshot.tree(database.name, flags: database.kind.flags),
      tree.record.leafPages <= Self.fewLeaves
    else { return }
    try willUseAll(of: database)
  }

  /// Whether all pages of a database were found sound.
  func isSound<Key, Value>(_ database: Database<Key, Value>) -> Bool {
    core.soundDatabases.load(ordering: .relaxed) & bit(of: database) != 0
  }

  /// 0 for what no bit is left for.
  private func bit<Key, Value>(of database: Database<Key, Value>) -> UInt64 {
    database.index < 64 ? 1 << UInt64(database.index) : 0
  }
}

/// Verifies the leaves that a cursor of a reading transaction goes to, before LMDB does.
struct CursorGuard {
  private let snapshot: FileState
  private let tree: (record: TreeRecord, kind: TreeKind)

  /// Nil where there is nothing to verify: all is sound, or there are no pages.
  init?<Key, Value>(_ transaction: RawTransaction, _ database: Database<Key, Value>) throws(LMDBError) {
    guard let tree = try transaction.snapshot.tree(database.name, flags: database.kind.flags) else {
      return nil
    }
    if transaction.isSound(database) { return nil }
    if transaction.isWriting {
      try transaction.willUseAll(of: database)
      return nil
    }
    snapshot = transaction.snapshot
    self.tree = tree
  }

  func willGo(toEdge isLast: Bool) throws(LMDBError) {
    try snapshot.pages.verify(edgeOf: tree.record, tree.kind, isLast: isLast)
  }

  func willGo(to key: UnsafeRawBufferPointer, orNext: Bool) throws(LMDBError) {
    try snapshot.pages.verify(wayTo: key, in: tree.record, tree.kind, orNext ? .next : nil)
  }

  /// Goes to the first number that is not before one.
  func willGo(to number: UInt64) throws(LMDBError) {
    let found: Result<Void, LMDBError> = number.withDatabaseBytes { bytes in
      Result { () throws(LMDBError) in try willGo(to: bytes, orNext: true) }
    }
    try found.get()
  }

  /// - Parameter key: Where the cursor is, in the page.
  @inline(__always)
  func willGo(from key: MDB_val, forward: Bool) throws(LMDBError) {
    guard let place = key.mv_data else { return try willGo(toEdge: !forward) }
    // Pages begin at multiples of their size, in the file and so in the map.
    let node = UnsafeRawPointer(place) - PageNode.headBytes
    let start = UnsafeRawPointer(bitPattern: Int(bitPattern: node) & ~(snapshot.pageSize - 1))
    guard let start else { throw .corrupted }
    assert(node - start >= Page.headBytes, "a node lies behind its page's head")
    let page = Page(start: start, size: snapshot.pageSize)
    if page.nodeOffset(forward ? page.count - 1 : 0) == node - start {
      try snapshot.pages.verify(wayTo: key.bytes, in: tree.record, tree.kind, forward ? .next : .previous)
    }
  }
}
