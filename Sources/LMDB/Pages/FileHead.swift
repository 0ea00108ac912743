internal import CLMDB
internal import Glibc

/// The file's first two pages: each holds the state after a commit, the commits taking turns.
///
/// LMDB keeps no checksum of them. But most of what they hold is known from somewhere else, or from the other one.
struct FileHead {
  /// One of the two (`MDB_meta`).
  struct State {
    let pageSize: Int
    let free: TreeRecord
    let main: TreeRecord
    let lastPage: Int
    /// The number of the commit.
    let number: Int

    private static let byteCount = 136

    /// Reads a page's state; nil when it cannot be one.
    init?(_ page: UnsafeRawBufferPointer, index: Int) {
      guard page.count >= Page.headBytes + Self.byteCount, let start = page.baseAddress else { return nil }
      let head = Page(start: start, size: page.count)
      guard head.number == UInt64(index), head.flags == Page.meta else { return nil }
      let state = UnsafeRawBufferPointer(rebasing: page[Page.headBytes..<Page.headBytes + Self.byteCount])
      func number(_ offset: Int) -> Int? {
        Int(exactly: state.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      }
      guard state.loadUnaligned(as: UInt32.self) == 0xBEEF_C0DE,
        state.loadUnaligned(fromByteOffset: 4, as: UInt32.self) == 1,
        let free = TreeRecord(UnsafeRawBufferPointer(rebasing: state[24..<72])),
        let main = TreeRecord(UnsafeRawBufferPointer(rebasing: state[72..<120])),
        let last = number(120), let commit = number(128), last < 1 << 48
      else { return nil }
      // The size of a page is kept where other trees have that of their items, the flags of the environment likewise.
      pageSize = free.itemBytes
      guard pageSize >= 512, pageSize <= 65536, pageSize.nonzeroBitCount == 1,
        free.flags & UInt32(MDB_INTEGERKEY) != 0, main.flags == 0, main.itemBytes == 0
      else { return nil }
      self.free = free
      self.main = main
      lastPage = last
      self.number = commit
    }
  }

  /// Reads the head of a file and compares its two states.
  ///
  /// - Parameter path: The file.
  /// - Throws: `MDB_CORRUPTED` when they are not what LMDB writes, `MDB_INVALID` when the file is none of LMDB's, and the
  ///   system's errors.
  static func check(_ path: String) throws(LMDBError) {
    // Another process may be writing a state this moment.
    for attempt in 0..<10 {
      if attempt > 0 { usleep(2000) }
      if try isSound(path) { return }
    }
    throw .corrupted
  }

  /// The number of the last commit; nil while it is being written, and when the head is damaged.
  static func number(_ descriptor: Int32) throws(LMDBError) -> Int? {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { bytes.deallocate() }
    let file = try read(descriptor, into: bytes)
    guard let first = State(file, index: 0), file.count >= 2 * first.pageSize,
      let second = State(UnsafeRawBufferPointer(rebasing: file[first.pageSize...]), index: 1)
    else { return nil }
    return max(first.number, second.number)
  }

  /// Two pages of the largest size.
  private static let room = 2 * 65536

  private static func read(
    _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer
  ) throws(LMDBError) -> UnsafeRawBufferPointer {
    let count = pread(descriptor, bytes.baseAddress, bytes.count, 0)
    guard count >= 0 else { throw LMDBError(rawValue: errno) }
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<count])
  }

  private static func isSound(_ path: String) throws(LMDBError) -> Bool {
    // Opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw LMDBError(rawValue: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw LMDBError(rawValue: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { bytes.deallocate() }
    let file = try read(descriptor, into: bytes)
    let count = file.count
    // An empty file is for the caller to judge.
    if count == 0 { return true }
    guard count >= 2 * 512 else {
      throw count >= 20 && bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self) == 0xBEEF_C0DE
        ? .corrupted : .invalid
    }
    func text(_ offset: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    guard let first = State(file, index: 0) else {
      // Neither half looks like LMDB's: somebody else's file.
      let isOurs = stride(from: 512, through: 65536, by: 512).contains { size in
        size + 152 <= count && text(size + Page.headBytes) == 0xBEEF_C0DE
      }
      if !isOurs, text(Page.headBytes) != 0xBEEF_C0DE { throw .invalid }
      return false
    }
    guard count >= 2 * first.pageSize,
      let second = State(UnsafeRawBufferPointer(rebasing: file[first.pageSize...]), index: 1),
      second.pageSize == first.pageSize, second.free.flags == first.free.flags
    else { return false }
    let isNew = first.number == 0 && second.number == 0
    guard isNew || (first.number % 2 == 0 && second.number % 2 == 1 && abs(first.number - second.number) == 1)
    else { return false }
    // A file does not become shorter.
    let (older, newer) = first.number > second.number ? (second, first) : (first, second)
    return older.lastPage <= newer.lastPage && first.lastPage >= 1
  }
}
