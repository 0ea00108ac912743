internal import Synchronization

extension HNSWIndex {
  /// Whether a vector is stored under the key.
  ///
  /// - Complexity: O(1) expected.
  /// - Throws: ``IndexError/damaged(path:part:)`` once damage of an opened snapshot is known.
  public func contains(_ key: UInt64) throws(IndexError) -> Bool {
    try snapshot?.throwIfDamaged()
    try completeKeyMap()
    return readers.read { _ in keyMap.withLock { $0.slot(key, storage.keys) != nil } }
  }

  /// The stored vector of a key: for ``Metric/cosine``, scaled to unit length.
  ///
  /// - Complexity: O(dimension).
  /// - Throws: ``IndexError/damaged(path:part:)`` once damage of an opened snapshot is known.
  public func vector(for key: UInt64) throws(IndexError) -> [Float]? {
    try snapshot?.throwIfDamaged()
    try completeKeyMap()
    return readers.read { _ in
      let slot = keyMap.withLock { $0.slot(key, storage.keys) }
      return slot.map { Array(UnsafeBufferPointer(start: storage.row($0), count: space.dimension)) }
    }
  }

  /// All keys, in the order of their slots.
  ///
  /// - Complexity: O(n).
  /// - Throws: ``IndexError/damaged(path:part:)`` once damage of an opened snapshot is known.
  public func allKeys() throws(IndexError) -> [UInt64] {
    try snapshot?.throwIfDamaged()
    return readers.read { context in
      let limit = slotCount.load(ordering: .acquiring)
      return (0..<UInt32(limit)).filter { storage.isVisible($0, at: context.version) }
        .map { storage.keys[Int($0)] }
    }
  }

  /// Makes the key map of an opened snapshot, when a key is first asked for.
  ///
  /// Nothing has been changed since then, and nothing is moved meanwhile: every change needs the map first.
  func completeKeyMap() throws(IndexError) {
    guard let snapshot else { return }
    let isSound = keyMap.withLock { map in
      if map.isComplete { return true }
      map.reserve(count, storage.keys)
      for slot in 0..<UInt32(slotCount.load(ordering: .acquiring)) where storage.isCurrent(slot) {
        map.set(storage.keys[Int(slot)], slot, storage.keys)
      }
      map.isComplete = map.count == count
      return map.isComplete
    }
    guard !isSound else { return }
    snapshot.finish(damagedPart: "keys")
    try snapshot.throwIfDamaged()
  }
}
