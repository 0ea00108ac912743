internal import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

extension IndexKeeper {
  /// The change log no longer reaches back to the index: another process has trimmed it behind a snapshot.
  private struct OutOfReach: Error {}

  /// One stretch of the change log with the vectors that it needs.
  private struct Stretch {
    var keys: [UInt64] = []
    var rows: [Float] = []
    var removed: Set<UInt64> = []
    var sequence: UInt64
    var tag: UInt64
  }

  private static let stretchLength = 512

  /// Brings the index up to the store's last change, building it if there is none.
  ///
  /// - Parameter isCancelled: Asked after every stretch of changes.
  /// - Returns: Whether the end was reached.
  @discardableResult
  func catchUp(isCancelled: () -> Bool = { false }) throws -> Bool {
    try changing.withLock { _ in
      try load()
      while !isCancelled() {
        do {
          guard let view else {
            guard try build(isCancelled: isCancelled) else { return false }
            continue
          }
          guard try advance(view) else { return true }
        } catch is OutOfReach {
          state.withLock { state in
            state.index = nil
            state.isLoaded = false
          }
          try load()
        } catch let error as IndexError {
          guard let view else { throw error }
          discard(view.index, because: error.description)
        }
      }
      return false
    }
  }

  /// Brings the index up to date before a query when that takes a moment only.
  ///
  /// - Returns: Whether it should be done in the background instead, while queries scan what is missing.
  func prepareForQuery(_ counters: Counters, faces: Int) -> Bool {
    guard let view else { return faces > Self.smallGallery }
    guard view.sequence < counters.sequence else { return false }
    let isLight = view.index.count <= Self.lightGallery || state.withLock { $0.isWarm }
    if isLight, counters.sequence - view.sequence <= Self.lightTail {
      // Whoever else is changing the index does it for us; the search scans what is still missing.
      try? changing.withLockIfAvailable { _ in
        while let view = self.view, try advance(view) {}
      }
      return false
    }
    return faces > Self.smallGallery
  }

  /// Catches up, and saves when there is enough to save, on the background thread.
  func catchUpInBackground() {
    worker.kick { [weak self] in
      guard let self else { return }
      // Trouble with the index is not trouble with the gallery: queries scan, and `info` tells.
      _ = try? catchUp(isCancelled: { self.worker.isCancelled })
      try? saveIfWorthwhile()
    }
  }

  /// Takes one stretch of changes into the index; false when there is none.
  private func advance(_ view: View) throws -> Bool {
    let stretch: Stretch? = try store.environment.read { transaction in
      let counters = try store.counters(transaction)
      guard view.sequence < counters.sequence else { return nil }
      guard view.sequence >= counters.trimmed else { throw OutOfReach() }
      var stretch = Stretch(sequence: view.sequence, tag: 0)
      var added: [UInt64] = []
      try store.forEachChange(after: view.sequence, limit: Self.stretchLength, transaction) {
        sequence, change in
        (stretch.sequence, stretch.tag) = (sequence, change.tag)
        switch change.kind {
        case .added: added.append(change.face.rawValue)
        case .removed: stretch.removed.insert(change.face.rawValue)
        case .moved, .renamed, .personRemoved: break
        }
      }
      // A face that was removed later has no vector any more, and needs none.
      for key in added where try !view.index.contains(key) {
        guard let vector = try store.vector(FaceID(rawValue: key), transaction) else { continue }
        stretch.keys.append(key)
        stretch.rows += vector
      }
      return stretch
    }
    guard let stretch else { return false }
    let threads = stretch.keys.count >= 64 ? ProcessInfo.processInfo.activeProcessorCount : 1
    if !stretch.keys.isEmpty { try view.index.add(stretch.rows, keys: stretch.keys, threads: threads) }
    for key in stretch.removed { try view.index.remove(key) }
    state.withLock { state in
      guard state.index === view.index else { return }
      (state.sequence, state.tag) = (stretch.sequence, stretch.tag)
      state.isWarm = true
    }
    return true
  }
}
