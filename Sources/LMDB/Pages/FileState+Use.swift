extension FileState {
  /// Verifies every page of the state, that none is used twice, and that no page in use is listed as free.
  ///
  /// - Throws: `MDB_CORRUPTED`.
  /// - Complexity: O(pages).
  func verifyAll() throws(LMDBError) {
    let pages = pages
    try pages.verify(free, .freeLists)
    try pages.verify(main, .tables)
    for record in tables.values {
      guard let kind = record.kind else { throw .corrupted }
      try pages.verify(record, kind)
      guard record.overflowPages > 0 else { continue }
      try pages.walk(record, kind) { (page) throws(LMDBError) in
        for index in 0..<page.count where page.node(index).flags == PageNode.isLarge {
          _ = try pages.largeValue(page.node(index))
        }
      }
    }
    try verifyUse()
  }

  /// Verifies that no page is used twice, or listed as free while it is in use: a writer would write over it.
  ///
  /// Leaves are read only where they lead to further pages.
  ///
  /// - Throws: `MDB_CORRUPTED`.
  /// - Complexity: O(pages / 100) for values of half a kilobyte.
  func verifyUse() throws(LMDBError) {
    let pages = pages
    var seen = PageSet(lastCounted + 1)
    func take(_ first: Int, count: Int = 1, through last: Int) throws(LMDBError) {
      guard first > 1, count > 0, count <= last - first + 1 else { throw .corrupted }
      for page in first..<first + count where !seen.insert(page) { throw .corrupted }
    }
    func takeTree(_ record: TreeRecord, _ kind: TreeKind) throws(LMDBError) {
      var isRead = record.overflowPages > 0
      switch kind {
      case .duplicates, .freeLists: isRead = true
      case .values, .tables, .members: break
      }
      var leaves: UInt64 = 0
      func takeBelow(_ step: PageReader.Step) throws(LMDBError) {
        try take(step.page, through: lastPage)
        if step.level == 1 {
          leaves += 1
          if !isRead { return }
        }
        let page = try pages.page(step, kind)
        guard step.level == 1 else {
          for index in 0..<page.count { try takeBelow(pages.child(index, of: page, step)) }
          return
        }
        for index in 0..<page.count {
          let node = page.node(index)
          if node.flags == PageNode.isLarge, let first = node.largePage {
            try take(first, count: pages.largePageCount(node), through: lastPage)
          } else if case .duplicates(let isFixed) = kind,
            node.flags == PageNode.hasDuplicates | PageNode.isTree,
            let members = pages.memberTree(node, isFixed: isFixed)
          {
            try takeTree(members.record, members.kind)
          }
          if kind == .freeLists {
            let value = node.flags == PageNode.isLarge ? try pages.largeValue(node) : node.value
            guard let list = FreeList(value) else { throw .corrupted }
            for page in list { try take(page, through: lastCounted) }
          }
        }
      }
      if let step = pages.root(of: record) { try takeBelow(step) }
      guard leaves == record.leafPages else { throw .corrupted }
    }
    try takeTree(free, .freeLists)
    try takeTree(main, .tables)
    for record in tables.values {
      guard let kind = record.kind else { throw .corrupted }
      try takeTree(record, kind)
    }
  }
}

/// A set of pages.
private struct PageSet {
  private var words: [UInt64]

  init(_ count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  /// Adds a page; false when it is there already.
  mutating func insert(_ page: Int) -> Bool {
    let bit = UInt64(1) << UInt64(page & 63)
    defer { words[page >> 6] |= bit }
    return words[page >> 6] & bit == 0
  }
}
