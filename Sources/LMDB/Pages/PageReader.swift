internal import Glibc

/// Goes through the pages of a state and verifies those that it comes to.
struct PageReader {
  /// Keys between which those of a page must be: what the pages above say. They lie in those pages.
  struct Bounds {
    var lower: UnsafeRawBufferPointer?
    var upper: UnsafeRawBufferPointer?
  }

  /// A page on the way through a tree.
  struct Step {
    let page: Int
    let parent: Int
    let bounds: Bounds
    /// 1 for a leaf.
    let level: Int
  }

  /// Invariant: `(lastPage + 1) * pageSize` bytes from here are mapped, and the file is as long.
  let map: UnsafeRawPointer
  let pageSize: Int
  let lastPage: Int
  /// The last page that may be listed as free; it may lie behind the file's end.
  let lastCounted: Int
  let marks: PageMarks

  // MARK: Single pages

  func root(of record: TreeRecord) -> Step? {
    record.root.map { Step(page: $0, parent: 0, bounds: Bounds(), level: record.depth) }
  }

  /// The page of a step, found sound.
  ///
  /// - Throws: `MDB_CORRUPTED` when it is not.
  @inline(__always)
  func page(_ step: Step, _ kind: TreeKind) throws(LMDBError) -> Page {
    guard step.page > 1, step.page <= lastPage else { throw .corrupted }
    let page = Page(start: map + step.page * pageSize, size: pageSize)
    if marks.isMarked(step.page, below: step.parent), (page.flags == Page.branch) == (step.level > 1) {
      return page
    }
    try verify(page, step, kind)
    marks.mark(step.page, below: step.parent)
    return page
  }

  /// The step from a branch to one of the pages below.
  func child(_ index: Int, of page: Page, _ step: Step) -> Step {
    assert(step.level > 1 && page.flags == Page.branch, "only a branch has pages below")
    return Step(
      page: page.node(index).child, parent: step.page,
      bounds: Bounds(
        lower: index > 0 ? page.key(index) : step.bounds.lower,
        upper: index + 1 < page.count ? page.key(index + 1) : step.bounds.upper),
      level: step.level - 1)
  }

  /// A value that takes pages of its own.
  ///
  /// - Throws: `MDB_CORRUPTED` when these are not what the node says.
  func largeValue(_ node: PageNode) throws(LMDBError) -> UnsafeRawBufferPointer {
    guard let number = node.largePage, number > 1, number <= lastPage else { throw .corrupted }
    let page = Page(start: map + number * pageSize, size: pageSize)
    guard page.number == UInt64(number), page.flags == Page.overflow,
      page.overflowCount >= largePageCount(node), number + page.overflowCount - 1 <= lastPage
    else { throw .corrupted }
    return UnsafeRawBufferPointer(start: page.start + Page.headBytes, count: node.valueBytes)
  }

  /// How many pages a large value needs.
  func largePageCount(_ node: PageNode) -> Int { (Page.headBytes + node.valueBytes - 1) / pageSize + 1 }

  private func verify(_ page: Page, _ step: Step, _ kind: TreeKind) throws(LMDBError) {
    guard page.number == UInt64(step.page) else { throw .corrupted }
    let isBranch = step.level > 1
    if !isBranch, case .members(let itemBytes?) = kind {
      guard page.flags == Page.leaf | Page.fixedLeaf, page.itemBytes == itemBytes else { throw .corrupted }
      try verifyItems(page)
    } else {
      guard page.flags == (isBranch ? Page.branch : Page.leaf) else { throw .corrupted }
      try verifyNodes(page, isBranch: isBranch, kind)
    }
    let first = isBranch ? 1 : 0
    if let lower = step.bounds.lower, page.count > first, kind.compare(page.key(first), lower) < 0 {
      throw .corrupted
    }
    if let upper = step.bounds.upper, page.count > first, kind.compare(page.key(page.count - 1), upper) >= 0 {
      throw .corrupted
    }
  }

  /// Checks the frame of a page: that the list of nodes and the nodes are in it. At least one is there.
  private func verifyFrame(_ page: Page) throws(LMDBError) {
    let (lower, upper) = (page.lower, page.upper)
    guard lower > Page.headBytes, lower.isMultiple(of: 2), lower <= upper, upper <= page.size else {
      throw .corrupted
    }
  }

  private func verifyItems(_ page: Page) throws(LMDBError) {
    try verifyFrame(page)
    let (count, bytes) = (page.count, page.itemBytes)
    guard bytes > 0, Page.headBytes + count * bytes <= page.size else { throw .corrupted }
    // The room that is left is kept as if there were nodes, in a sub-page, too.
    guard page.upper - page.lower == page.size - Page.headBytes - count * bytes else { throw .corrupted }
    for index in 1..<max(count, 1) where TreeKind.values.compare(page.key(index - 1), page.key(index)) >= 0 {
      throw .corrupted
    }
  }

  private func verifyNodes(_ page: Page, isBranch: Bool, _ kind: TreeKind) throws(LMDBError) {
    try verifyFrame(page)
    let (count, upper) = (page.count, page.upper)
    guard !isBranch || count > 1 || kind == .freeLists else { throw .corrupted }
    var bytes = 0
    for index in 0..<count {
      let offset = page.nodeOffset(index)
      guard offset >= upper, offset.isMultiple(of: 2), offset + PageNode.headBytes <= page.size else {
        throw .corrupted
      }
      let node = PageNode(place: page.start + offset)
      let room = page.size - offset - PageNode.headBytes
      guard node.keyBytes <= min(room, PageNode.longestKey), node.keyBytes > 0 || (isBranch && index == 0)
      else {
        throw .corrupted
      }
      if kind == .freeLists, node.keyBytes != MemoryLayout<UInt>.size, !isBranch || index > 0 {
        throw .corrupted
      }
      var size = PageNode.headBytes + node.keyBytes
      if isBranch {
        guard node.child > 1, node.child <= lastPage else { throw .corrupted }
      } else {
        size += try verifyValue(node, room: room - node.keyBytes, kind)
      }
      bytes += (size + 1) & ~1
      // The first key of a branch counts for nothing.
      if index > (isBranch ? 1 : 0), kind.compare(page.key(index - 1), page.key(index)) >= 0 {
        throw .corrupted
      }
    }
    guard bytes == page.size - upper else { throw .corrupted }
    if isBranch { try verifyChildren(page) }
  }

  /// Checks that no page is there twice below a branch: the second time it would be taken for sound, whatever its keys are.
  private func verifyChildren(_ page: Page) throws(LMDBError) {
    let children = (0..<page.count).map { page.node($0).child }.sorted()
    for (child, next) in zip(children, children.dropFirst()) where child == next { throw .corrupted }
  }

  /// Checks what a leaf's node holds besides the key, and says how many bytes of the page it takes.
  private func verifyValue(_ node: PageNode, room: Int, _ kind: TreeKind) throws(LMDBError) -> Int {
    if case .members = kind {
      guard node.flags == 0, node.valueBytes == 0 else { throw .corrupted }
      return 0
    }
    if node.flags == PageNode.isLarge {
      switch kind {
      case .values, .freeLists: break
      default: throw .corrupted
      }
      guard room >= 8, let first = node.largePage, first > 1, first <= lastPage,
        largePageCount(node) <= lastPage - first + 1
      else { throw .corrupted }
      if kind == .freeLists { try verifyFreeList(try largeValue(node)) }
      return 8
    }
    guard node.valueBytes <= room else { throw .corrupted }
    switch (kind, node.flags) {
    case (.values, 0): break
    case (.freeLists, 0): try verifyFreeList(node.value)
    case (.tables, PageNode.isTree):
      guard let record = TreeRecord(node.value), record.kind != nil else { throw .corrupted }
    case (.duplicates(let isFixed), 0):
      guard !isFixed || node.valueBytes == DatabaseKind.fixedItemBytes else { throw .corrupted }
    case (.duplicates(let isFixed), PageNode.hasDuplicates): try verifySubPage(node.value, isFixed: isFixed)
    case (.duplicates(let isFixed), PageNode.hasDuplicates | PageNode.isTree):
      guard let record = memberTree(node, isFixed: isFixed) else { throw .corrupted }
      try verify(record.record, record.kind)
    default: throw .corrupted
    }
    return node.valueBytes
  }

  /// The tree of a large set of duplicates.
  func memberTree(_ node: PageNode, isFixed: Bool) -> (record: TreeRecord, kind: TreeKind)? {
    guard let record = TreeRecord(node.value), record.root != nil else { return nil }
    // `MDB_DUPFIXED`, which its leaves are told by.
    guard record.flags == (isFixed ? 0x10 : 0), !isFixed || record.itemBytes == DatabaseKind.fixedItemBytes
    else { return nil }
    return (record, .members(itemBytes: isFixed ? record.itemBytes : nil))
  }

  /// A small set of duplicates, as a page in a node.
  func subPage(_ value: UnsafeRawBufferPointer) -> Page? {
    guard value.count > Page.headBytes, let start = value.baseAddress else { return nil }
    return Page(start: start, size: value.count)
  }

  private func verifySubPage(_ value: UnsafeRawBufferPointer, isFixed: Bool) throws(LMDBError) {
    guard let page = subPage(value) else { throw .corrupted }
    let flags = Page.leaf | Page.subPage | (isFixed ? Page.fixedLeaf : 0)
    guard page.flags & ~Page.dirty == flags else { throw .corrupted }
    if isFixed {
      guard page.itemBytes == DatabaseKind.fixedItemBytes else { throw .corrupted }
      try verifyItems(page)
    } else {
      try verifyFrame(page)
      for index in 0..<page.count {
        let offset = page.nodeOffset(index)
        guard offset >= page.upper, offset + PageNode.headBytes <= page.size else { throw .corrupted }
        let node = PageNode(place: page.start + offset)
        guard node.flags == 0, node.valueBytes == 0, node.keyBytes > 0,
          node.keyBytes <= min(PageNode.longestKey, page.size - offset - PageNode.headBytes)
        else { throw .corrupted }
        if index > 0, TreeKind.values.compare(page.key(index - 1), page.key(index)) >= 0 { throw .corrupted }
      }
    }
  }

  private func verifyFreeList(_ value: UnsafeRawBufferPointer) throws(LMDBError) {
    guard let list = FreeList(value), list.count > 0 else { throw .corrupted }
    var before = Int.max
    for page in list {
      guard page > 1, page <= lastCounted, page < before else { throw .corrupted }
      before = page
    }
  }

  // MARK: Ways through a tree

  /// Where a key is, or would be, among the keys of a page: the first one that is not before it.
  private func place(
    of key: UnsafeRawBufferPointer, in page: Page, from first: Int, _ kind: TreeKind
  ) -> (index: Int, isExact: Bool) {
    var (low, high) = (first, page.count)
    while low < high {
      let middle = (low + high) / 2
      let order = kind.compare(page.key(middle), key)
      if order == 0 { return (middle, true) }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return (low, false)
  }

  /// Finds a key.
  ///
  /// - Throws: `MDB_CORRUPTED` for a page on the way that is not sound.
  func find(
    _ key: UnsafeRawBufferPointer, in record: TreeRecord, _ kind: TreeKind
  ) throws(LMDBError) -> PageNode? {
    guard var step = root(of: record) else { return nil }
    while step.level > 1 {
      let page = try page(step, kind)
      let (index, isExact) = place(of: key, in: page, from: 1, kind)
      step = child(isExact ? index : index - 1, of: page, step)
    }
    let page = try page(step, kind)
    let (index, isExact) = place(of: key, in: page, from: 0, kind)
    return isExact ? page.node(index) : nil
  }

  /// What is verified besides the pages on the way to a key.
  enum Neighbours {
    /// The next leaf: where a cursor goes behind the last node of one.
    case next
    /// The leaf before.
    case previous
    /// The pages beside each on the way: those with which LMDB joins a page that has become too empty.
    case beside
  }

  /// Verifies the pages on the way to a key, and others.
  ///
  /// - Throws: `MDB_CORRUPTED` when one is not sound.
  func verify(
    wayTo key: UnsafeRawBufferPointer, in record: TreeRecord, _ kind: TreeKind,
    _ neighbours: Neighbours? = nil
  ) throws(LMDBError) {
    guard var step = root(of: record) else { return }
    var nearest: Step?
    while step.level > 1 {
      let page = try page(step, kind)
      let (place, isExact) = place(of: key, in: page, from: 1, kind)
      let index = isExact ? place : place - 1
      if index + 1 < page.count {
        let after = child(index + 1, of: page, step)
        if neighbours == .beside { _ = try self.page(after, kind) }
        if neighbours == .next { nearest = after }
      }
      if index > 0 {
        let before = child(index - 1, of: page, step)
        if neighbours == .beside { _ = try self.page(before, kind) }
        if neighbours == .previous { nearest = before }
      }
      step = child(index, of: page, step)
    }
    _ = try page(step, kind)
    if let nearest { try verify(edgeBelow: nearest, kind, isLast: neighbours == .previous) }
  }

  /// Verifies the pages on the way to the first or last key.
  ///
  /// - Throws: `MDB_CORRUPTED` when one is not sound.
  func verify(edgeOf record: TreeRecord, _ kind: TreeKind, isLast: Bool) throws(LMDBError) {
    if let step = root(of: record) { try verify(edgeBelow: step, kind, isLast: isLast) }
  }

  private func verify(edgeBelow start: Step, _ kind: TreeKind, isLast: Bool) throws(LMDBError) {
    var step = start
    while step.level > 1 {
      let page = try page(step, kind)
      step = child(isLast ? page.count - 1 : 0, of: page, step)
    }
    _ = try page(step, kind)
  }

  /// Calls `body` with the leaves of a tree in order, found sound.
  ///
  /// - Throws: `MDB_CORRUPTED`, and what `body` throws.
  func walk(
    _ record: TreeRecord, _ kind: TreeKind, _ body: (Page) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    guard let step = root(of: record) else { return }
    var pages = (branches: UInt64(0), leaves: UInt64(0))
    try walk(step, record, kind, &pages, body)
    guard pages.branches == record.branchPages, pages.leaves == record.leafPages else { throw .corrupted }
  }

  private func walk(
    _ step: Step, _ record: TreeRecord, _ kind: TreeKind, _ pages: inout (branches: UInt64, leaves: UInt64),
    _ body: (Page) throws(LMDBError) -> Void
  ) throws(LMDBError) {
    let page = try page(step, kind)
    if step.level == 1 {
      pages.leaves += 1
      guard pages.leaves <= record.leafPages else { throw .corrupted }
      return try body(page)
    }
    pages.branches += 1
    guard pages.branches <= record.branchPages else { throw .corrupted }
    for index in 0..<page.count { try walk(child(index, of: page, step), record, kind, &pages, body) }
  }

  /// Verifies all pages of a tree, and that it has as many entries as it says.
  ///
  /// - Throws: `MDB_CORRUPTED`.
  func verify(_ record: TreeRecord, _ kind: TreeKind) throws(LMDBError) {
    var entries: UInt64 = 0
    try walk(record, kind) { (page) throws(LMDBError) in
      guard case .duplicates(let isFixed) = kind else {
        entries += UInt64(page.count)
        return
      }
      for index in 0..<page.count { entries += try memberCount(page.node(index), isFixed: isFixed) }
    }
    guard entries == record.entries else { throw .corrupted }
  }

  private func memberCount(_ node: PageNode, isFixed: Bool) throws(LMDBError) -> UInt64 {
    if node.flags & PageNode.hasDuplicates == 0 { return 1 }
    if node.flags & PageNode.isTree != 0 { return memberTree(node, isFixed: isFixed)?.record.entries ?? 0 }
    return UInt64(subPage(node.value)?.count ?? 0)
  }
}
