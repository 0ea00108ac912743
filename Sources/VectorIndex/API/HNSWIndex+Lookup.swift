internal import Synchronization

extension HNSWIndex {
  /// Whether a vector is stored under the key.
  ///
  /// - Complexity: O(1) expected.
  public func contains(_ key: UInt64) -> Bool {
    completeKeyMap()
    return keyMap.withLock { $0.slot(key, storage.keys) != nil }
  }

  /// The stored vector of a key: for ``Metric/cosine``, scaled to unit length.
  ///
  /// - Complexity: O(dimension).
  public func vector(for key: UInt64) -> [Float]? {
    completeKeyMap()
    return readers.read { _ in
      let slot = keyMap.withLock { $0.slot(key, storage.keys) }
      return slot.map { Array(UnsafeBufferPointer(start: storage.row($0), count: space.dimension)) }
    }
  }

  /// All keys, in the order of their slots.
  ///
  /// - Complexity: O(n).
  public func allKeys() -> [UInt64] {
    readers.read { _ in
      let limit = slotCount.load(ordering: .acquiring)
      return (0..<UInt32(limit)).filter(storage.isLive).map { storage.keys[Int($0)] }
    }
  }

  /// Makes the key map of an opened snapshot, when a key is first asked for.
  func completeKeyMap() {
    guard snapshot != nil else { return }
    keyMap.withLock { map in
      guard !map.isComplete else { return }
      map.reserve(count, storage.keys)
      for slot in 0..<UInt32(slotCount.load(ordering: .acquiring)) where storage.isLive(slot) {
        map.set(storage.keys[Int(slot)], slot, storage.keys)
      }
      map.isComplete = true
    }
  }
}
