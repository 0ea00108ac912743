internal import CLMDB

/// What is on disk when a commit returns.
public enum CommitDurability: Sendable, Hashable {
  /// Everything: it survives a power cut.
  case onDisk
  /// The pages, not the head that points to them, which the next commit or ``Environment/synchronise()`` writes: one
  /// synchronisation instead of two. A power cut may undo such commits, the last ones first and each as a whole; the
  /// end of a process, however sudden, undoes none.
  case pagesOnDisk

  var flags: UInt32 {
    switch self {
    case .onDisk: 0
    case .pagesOnDisk: UInt32(MDB_NOMETASYNC)
    }
  }
}
