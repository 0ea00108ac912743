internal import CLMDB
internal import Glibc

/// The pages of one state of the file, read without trusting them: LMDB believes whatever a page says, and a flipped bit in
/// a page's head leads it out of the file, into a signal or to a wrong answer.
///
/// Every page is verified when it is first gone through, with its place between its neighbours; ``PageMarks`` remembers
/// which were. Reading transactions find values here; before LMDB goes through pages by itself, with a cursor or to write,
/// those that it will touch are verified here.
///
/// Shared by the transactions that see the state; good as long as one of them is open.
final class FileState: @unchecked Sendable {
  // Everything is constant after `init`; the map stays where it is while a transaction is open.

  /// The number of the commit.
  let number: Int
  let pageSize: Int
  /// The last page that the file has, or may have: LMDB does not write free pages at its end.
  let lastPage: Int
  /// The last page that the state counts; those behind ``lastPage`` are free, or missing.
  let lastCounted: Int
  let free: TreeRecord
  let main: TreeRecord
  /// The named databases.
  let tables: [String: TreeRecord]

  private let map: UnsafeRawPointer
  private let marks: PageMarks

  /// Reads the state with a number.
  ///
  /// - Parameters:
  ///   - number: The number of the commit; its state is in the file's head until the next but one.
  ///   - map: Where the file is mapped.
  ///   - mapSize: How far.
  ///   - fileSize: How long the file is; what is mapped behind its end ends the process when it is read.
  /// - Throws: `MDB_CORRUPTED` for a damaged head or list of databases; `MDB_BAD_TXN` when the state is not in the head any
  ///   more.
  init(
    _ number: Int, map: UnsafeRawPointer, mapSize: Int, fileSize: Int, pageSize: Int, marks: PageMarks
  ) throws(LMDBError) {
    assert(pageSize.nonzeroBitCount == 1 && 2 * pageSize <= min(mapSize, fileSize), "both heads are mapped")
    let index = number & 1
    let page = UnsafeRawBufferPointer(start: map + index * pageSize, count: pageSize)
    guard let state = FileHead.State(page, index: index), state.pageSize == pageSize else { throw .corrupted }
    guard state.number == number else { throw .badTransaction }
    guard state.lastPage < mapSize / pageSize else { throw .mapResized }
    self.number = number
    self.map = map
    self.marks = marks
    self.pageSize = pageSize
    lastPage = min(state.lastPage, fileSize / pageSize - 1)
    lastCounted = state.lastPage
    free = state.free
    main = state.main
    let reader = PageReader(
      map: map, pageSize: pageSize, lastPage: lastPage, lastCounted: lastCounted, marks: marks)
    var tables: [String: TreeRecord] = [:]
    try reader.walk(state.main, .tables) { (page) throws(LMDBError) in
      for index in 0..<page.count {
        let node = page.node(index)
        guard let record = TreeRecord(node.value), record.kind != nil,
          let name = String(validating: node.key, as: UTF8.self)
        else { throw .corrupted }
        tables[name] = record
      }
    }
    self.tables = tables
  }

  var pages: PageReader {
    PageReader(map: map, pageSize: pageSize, lastPage: lastPage, lastCounted: lastCounted, marks: marks)
  }

  /// The tree of a database; nil when it is not there.
  ///
  /// - Throws: `MDB_INCOMPATIBLE` when it is of another kind.
  func tree(_ name: String, flags: UInt32) throws(LMDBError) -> (record: TreeRecord, kind: TreeKind)? {
    guard let record = tables[name], let kind = record.kind else { return nil }
    guard record.flags == flags else { throw .incompatible }
    return (record, kind)
  }
}
