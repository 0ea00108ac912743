internal import CLMDB
internal import Glibc

/// The pages of a numbered database, as LMDB's tree of them has it: LMDB itself does not tell where values lie.
///
/// It is read to ask the system for pages before they are needed, for nothing else: whatever is not as it should be here is
/// passed over, and left to LMDB to find.
struct PageTree {
  /// LMDB's record of a database, on disk and in its list of databases.
  private struct Record {
    let depth: Int
    let root: Int

    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count == 48 else { return nil }
      depth = Int(bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
      let page = bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
      // All bits are set where there is no page.
      guard depth > 0, depth < 32, let root = Int(exactly: page) else { return nil }
      self.root = root
    }
  }

  /// LMDB's number of the list of databases.
  private static let list: MDB_dbi = 1
  private static let headBytes = 16
  private static let branch = 1
  /// Samples by which it is told whether pages are in memory.
  private static let samples = 64
  /// The system takes no more from one call than it would read ahead by itself, which is seldom less.
  private static let bytesAtATime = 128 << 10
  /// Reading so many pages that are not wanted takes a disk less time than beginning anew behind them.
  private static let gap = 16

  private let record: Record
  private let map: UnsafeRawPointer
  private let pageSize: Int
  private let lastPage: Int

  /// The tree of a database as a transaction sees it; nil when it is empty.
  ///
  /// - Precondition: A database of the environment was opened: before, LMDB does not know the order of its list.
  init?(of name: String, _ transaction: RawTransaction) {
    var value = MDB_val()
    let code = name.withDatabaseValue { mdb_get(transaction.handle, Self.list, &$0, &value) }
    guard code == MDB_SUCCESS, let record = Record(value.bytes), let place = value.mv_data else { return nil }
    (pageSize, lastPage) = (transaction.snapshot.pageSize, transaction.snapshot.lastPage)
    guard pageSize > Self.headBytes, pageSize.nonzeroBitCount == 1 else { return nil }
    guard record.root <= lastPage else { return nil }
    // A page begins with its own number.
    let page = UnsafeRawPointer(place) - (Int(bitPattern: place) & (pageSize - 1))
    guard let number = Int(exactly: page.loadUnaligned(as: UInt64.self)), number <= lastPage else {
      return nil
    }
    map = page - number * pageSize
    self.record = record
  }

  /// The pages that hold the values of a range of numbers, in the order of the numbers.
  func leaves(in range: Range<UInt64>) -> [Int] {
    guard !range.isEmpty else { return [] }
    var pages = [record.root]
    for _ in 1..<record.depth {
      prefetch(pages)
      var below: [Int] = []
      for page in pages {
        let children = nodes(of: page)
        for (index, child) in children.enumerated() where child.first < range.upperBound {
          if index + 1 < children.count, children[index + 1].first <= range.lowerBound { continue }
          below.append(child.page)
        }
      }
      pages = below
    }
    return pages
  }

  /// The pages that hold the values of numbers, each once, in the order of the numbers.
  func leaves(of numbers: [UInt64]) -> [Int] {
    guard !numbers.isEmpty else { return [] }
    let numbers = numbers.sorted()
    var pages = [(page: record.root, numbers: numbers[...])]
    for _ in 1..<record.depth {
      prefetch(pages.map(\.page))
      var below: [(page: Int, numbers: ArraySlice<UInt64>)] = []
      for (page, numbers) in pages {
        var rest = numbers
        let children = nodes(of: page)
        for (index, child) in children.enumerated() where !rest.isEmpty {
          let here = index + 1 < children.count ? rest.prefix { $0 < children[index + 1].first } : rest
          if !here.isEmpty { below.append((child.page, here)) }
          rest = rest.dropFirst(here.count)
        }
      }
      pages = below
    }
    return pages.map(\.page)
  }

  /// Asks the system for pages, without waiting for them, unless they are in memory.
  func prefetch(_ pages: [Int]) {
    guard pages.count > 1, !seemInMemory(pages) else { return }
    let sorted = pages.sorted()
    var first = sorted[0]
    var last = first
    for page in sorted.dropFirst() {
      if page - last > Self.gap {
        prefetch(from: first, through: last)
        first = page
      }
      last = page
    }
    prefetch(from: first, through: last)
  }

  private func prefetch(from first: Int, through last: Int) {
    assert(first >= 0 && first <= last && last <= lastPage)
    let bytes = (last - first + 1) * pageSize
    for offset in stride(from: 0, to: bytes, by: Self.bytesAtATime) {
      let start = UnsafeMutableRawPointer(mutating: map + first * pageSize + offset)
      madvise(start, min(Self.bytesAtATime, bytes - offset), MADV_WILLNEED)
    }
  }

  private func seemInMemory(_ pages: [Int]) -> Bool {
    let step = max(1, pages.count / Self.samples)
    return stride(from: 0, to: pages.count, by: step).allSatisfy { isInMemory(pages[$0]) }
  }

  /// Whether a page is in memory, so that nobody waits for it.
  func isInMemory(_ page: Int) -> Bool {
    assert(page >= 0 && page <= lastPage)
    var isThere: UInt8 = 0
    let start = UnsafeMutableRawPointer(mutating: map + page * pageSize)
    return mincore(start, pageSize, &isThere) == 0 && isThere & 1 == 1
  }

  /// The pages below a branch page, each with the least number that may be there.
  private func nodes(of number: Int) -> [(page: Int, first: UInt64)] {
    assert(number >= 0 && number <= lastPage)
    let page = UnsafeRawBufferPointer(start: map + number * pageSize, count: pageSize)
    func word(_ offset: Int) -> Int { Int(page.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) }
    let lower = word(12)
    guard word(10) & Self.branch != 0, lower >= Self.headBytes, lower <= pageSize else { return [] }
    return (0..<(lower - Self.headBytes) / 2).compactMap { index in
      // A node: the page below it, 48 bits, the length of its key, the key; the first one of a page has none.
      let place = word(Self.headBytes + 2 * index)
      guard place >= lower, place + 8 <= pageSize else { return nil }
      let below = word(place) | word(place + 2) << 16 | word(place + 4) << 32
      guard below > 1, below <= lastPage else { return nil }
      guard index > 0 else { return (below, 0) }
      guard word(place + 6) == MemoryLayout<UInt64>.size, place + 16 <= pageSize else { return nil }
      return (below, UInt64(bigEndian: page.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)))
    }
  }
}
