internal import Foundation
internal import LMDB
internal import VectorIndex

extension IndexKeeper {
  /// From so many changes after the snapshot on, they are asked for before they are needed.
  private static let longTail: UInt64 = 8192

  /// Whether the index, and so probably the store, is not all in memory.
  var isOnDisk: Bool { view?.index.isOnDisk == true }

  /// Asks for the pages of a long tail while the snapshot is opened: after the machine was started they lie all over a file
  /// of which nothing is in memory.
  func prefetchTail() {
    guard let userInfo = try? HNSWIndex.userInfo(of: snapshot.path),
      let label = try? SnapshotLabel(decoding: userInfo),
      let last = try? store.environment.read({ try store.counters($0).sequence }),
      last > label.sequence, last - label.sequence > Self.longTail
    else { return }
    prefetching.enter()
    let starts = Parallel.detach { [self] in
      try? store.environment.read { try prefetchTail(after: label.sequence, $0) }
      prefetching.leave()
    }
    if !starts { prefetching.leave() }
  }

  private func prefetchTail(after sequence: UInt64, _ transaction: borrowing ReadTransaction) throws {
    let counters = try store.counters(transaction)
    guard counters.trimmed <= sequence, sequence < counters.sequence else { return }
    transaction.prefetch(sequence + 1..<counters.sequence + 1, of: store.tables.changes)
    let tail = try Tail(after: sequence, of: store, transaction)
    guard let first = tail.added.first, first <= counters.lastFace,
      FaceSearch.isWorthwhile(tail, faces: try transaction.count(of: store.tables.vectors))
    else { return }
    transaction.prefetch(first..<counters.lastFace + 1, of: store.tables.vectors)
  }
}
