internal import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

extension IndexKeeper {
  private static let batchLength = 1024

  /// Builds the index anew from the vectors of the store.
  ///
  /// Changes that are made meanwhile may be in it or not; following the log from where the building began
  /// puts that right, because adding what is there and removing what is not change nothing.
  ///
  /// - Parameters:
  ///   - isCancelled: Asked after every batch.
  ///   - progress: Called with the number of faces done and of all.
  /// - Returns: Whether the end was reached; before the first face there is nothing to build.
  func build(isCancelled: () -> Bool, progress: ((Int, Int) -> Void)? = nil) throws -> Bool {
    let start: (counters: Counters, dimension: Int?, total: Int) = try store.environment.read { transaction in
      (
        try store.counters(transaction), try store.fingerprint(transaction)?.dimension,
        try transaction.count(of: store.tables.vectors)
      )
    }
    guard let dimension = start.dimension else { return false }
    let index = try HNSWIndex(HNSWIndex.Configuration(dimension: dimension))
    try index.reserve(start.total)
    var last: UInt64 = 0
    while !isCancelled() {
      let batch = try batch(after: last)
      guard let end = batch.keys.last else {
        state.withLock { state in
          (state.index, state.sequence, state.tag) = (index, start.counters.sequence, start.counters.tag)
          (state.isLoaded, state.isWarm) = (true, true)
        }
        return true
      }
      try index.add(
        batch.rows, keys: batch.keys, threads: ProcessInfo.processInfo.activeProcessorCount, progress: nil)
      last = end
      progress?(min(index.count, start.total), start.total)
    }
    return false
  }

  /// The next vectors in the order of their faces, each batch in a transaction of its own: a long one would
  /// keep the pages that writers free from being used again.
  private func batch(after last: UInt64) throws -> (keys: [UInt64], rows: [Float]) {
    try store.environment.read(ahead: true) { transaction in
      var keys: [UInt64] = []
      var rows: [Float] = []
      try transaction.scan(store.tables.vectors, from: last + 1) { face, bytes in
        keys.append(face)
        rows += VectorBytes.decode(bytes)
        return keys.count < Self.batchLength
      }
      return (keys, rows)
    }
  }
}
