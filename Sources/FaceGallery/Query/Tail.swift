internal import LMDB

/// What was committed after the index's last change, as seen by one transaction.
struct Tail {
  /// Faces that were added and are there.
  var added: [UInt64] = []
  /// Faces that were removed, which the index may still return.
  var removed: Set<UInt64> = []

  /// Reads the changes after `sequence`.
  init(
    after sequence: UInt64, limit: Int = .max, of store: Store,
    _ transaction: borrowing some Transaction & ~Copyable
  ) throws {
    try store.forEachChange(after: sequence, limit: limit, transaction) { _, change in
      switch change.kind {
      case .added: added.append(change.face.rawValue)
      case .removed: removed.insert(change.face.rawValue)
      case .moved, .renamed, .personRemoved: break
      }
    }
    if !removed.isEmpty { added.removeAll { removed.contains($0) } }
  }
}
