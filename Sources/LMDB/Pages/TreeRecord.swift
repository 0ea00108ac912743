internal import CLMDB
internal import Glibc

/// What a tree's nodes hold, and in which order they are.
enum TreeKind: Equatable {
  /// A value a key.
  case values
  /// The list of databases: a ``TreeRecord`` a name.
  case tables
  /// Lists of free pages by the transaction that freed them: keys are numbers of the machine.
  case freeLists
  /// A sorted set of values a key; whether they are all of one size.
  case duplicates(isFixed: Bool)
  /// The members of one such set, when it is large; their size when that is one.
  case members(itemBytes: Int?)

  /// Negative, zero or positive as `a` comes before, at or after `b`.
  @inline(__always)
  func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    if self == .freeLists {
      assert(a.count == MemoryLayout<UInt>.size && b.count == a.count)
      let (a, b) = (a.loadUnaligned(as: UInt.self), b.loadUnaligned(as: UInt.self))
      return a < b ? -1 : a == b ? 0 : 1
    }
    guard let left = a.baseAddress, let right = b.baseAddress else { return a.count - b.count }
    let order = memcmp(left, right, min(a.count, b.count))
    return order != 0 ? Int(order) : a.count - b.count
  }
}

/// LMDB's record of a tree (`MDB_db`): 48 bytes in the file's head, the list of databases, or a node of duplicates.
struct TreeRecord {
  static let byteCount = 48

  /// Size of items where that is one.
  let itemBytes: Int
  let flags: UInt32
  let depth: Int
  let branchPages: UInt64
  let leafPages: UInt64
  let overflowPages: UInt64
  let entries: UInt64
  /// Nil for an empty tree.
  let root: Int?

  /// Reads a record; nil when it is none.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    itemBytes = Int(bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    flags = UInt32(bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
    depth = Int(bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
    branchPages = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    leafPages = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    overflowPages = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    entries = bytes.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
    let page = bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
    if page == .max {
      guard depth == 0, branchPages == 0, leafPages == 0, overflowPages == 0, entries == 0 else { return nil }
      root = nil
    } else {
      guard depth > 0, depth < 32, leafPages > 0, entries > 0, let page = Int(exactly: page) else {
        return nil
      }
      // A tree of one page has no branch, every other one has.
      guard (depth == 1) == (branchPages == 0), depth > 1 || leafPages == 1 else { return nil }
      root = page
    }
  }

  /// What the tree of a named database holds; nil for flags that no database of ours has.
  var kind: TreeKind? {
    switch flags {
    case 0: .values
    case UInt32(MDB_DUPSORT): .duplicates(isFixed: false)
    case UInt32(MDB_DUPSORT | MDB_DUPFIXED): .duplicates(isFixed: true)
    default: nil
    }
  }
}
