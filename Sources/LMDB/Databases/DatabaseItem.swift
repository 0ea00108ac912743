internal import CLMDB

/// A type that can be a key or a value.
///
/// Keys, and the values of sorted duplicates, are ordered by their bytes.
public protocol DatabaseItem {
  /// Reads an item, or nil when the bytes are not one; keeps no pointer to them.
  init?(databaseBytes bytes: UnsafeRawBufferPointer)

  /// Calls `body` with the item's bytes, which are valid until it returns.
  func withDatabaseBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension DatabaseItem {
  /// Calls `body` with the item's bytes as LMDB takes them: it reads them until `body` returns, and never writes into them.
  @inline(__always)
  func withDatabaseValue<Result>(_ body: (inout MDB_val) -> Result) -> Result {
    withDatabaseBytes { bytes in
      var value = MDB_val(
        mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      return body(&value)
    }
  }
}

extension MDB_val {
  /// What LMDB gave, where it lies: valid until the transaction ends or changes something.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: mv_data, count: mv_size) }
}

/// Eight bytes, big-endian, so that the order of the bytes is the order of the numbers.
extension UInt64: DatabaseItem {
  /// Reads eight bytes, big-endian; nil for another number of them.
  public init?(databaseBytes bytes: UnsafeRawBufferPointer) {
    guard bytes.count == MemoryLayout<UInt64>.size else { return nil }
    // Eight bytes are there, wherever they lie.
    self.init(bigEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  /// Gives eight bytes, big-endian.
  public func withDatabaseBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: bigEndian, body)
  }
}

/// UTF-8.
extension String: DatabaseItem {
  /// Reads UTF-8; nil for other bytes.
  public init?(databaseBytes bytes: UnsafeRawBufferPointer) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    self = text
  }

  /// Gives UTF-8, without a zero at its end.
  public func withDatabaseBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(utf8).withUnsafeBytes(body)
  }
}

/// The bytes themselves.
extension [UInt8]: DatabaseItem {
  /// Copies the bytes.
  public init?(databaseBytes bytes: UnsafeRawBufferPointer) { self.init(bytes) }

  /// Gives the bytes as they lie.
  public func withDatabaseBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(body)
  }
}

/// A named, sorted table of an ``Environment`` that maps keys to values.
///
/// It is good in every transaction of the environment that begins after it was opened.
public struct Database<Key: DatabaseItem, Value: DatabaseItem>: Sendable {
  let index: MDB_dbi
  /// The key of its record in LMDB's list of databases.
  let name: String
  let kind: DatabaseKind
}

/// How a database keeps its values.
public enum DatabaseKind: Sendable, Hashable {
  /// One value a key.
  case unique
  /// A sorted set of values a key, each of at most 511 bytes.
  case sortedDuplicates
  /// A sorted set of numbers of 64 bits a key: eight bytes a number instead of sixteen and more.
  case sortedFixedDuplicates

  /// Bytes of a member of ``sortedFixedDuplicates``, by which a set is told from a single member.
  static let fixedItemBytes = MemoryLayout<UInt64>.size

  var flags: UInt32 {
    switch self {
    case .unique: 0
    case .sortedDuplicates: UInt32(MDB_DUPSORT)
    case .sortedFixedDuplicates: UInt32(MDB_DUPSORT | MDB_DUPFIXED)
    }
  }
}
