internal import CLMDB

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
  /// A sorted set of values a key, all of the same size: eight bytes a value instead of sixteen and more.
  case sortedFixedDuplicates

  var flags: UInt32 {
    switch self {
    case .unique: 0
    case .sortedDuplicates: UInt32(MDB_DUPSORT)
    case .sortedFixedDuplicates: UInt32(MDB_DUPSORT | MDB_DUPFIXED)
    }
  }
}
