internal import Synchronization

extension HNSWIndex {
  /// Removes the vector of a key; false if there is none.
  ///
  /// No search that begins afterwards returns it. Its neighbours are linked to each other, and its slot, vector
  /// and code are cleared for reuse, together with others removed soon after: every removal does its share of that.
  /// - Complexity: O(log n) expected.
  /// - Throws: ``IndexError/damaged(path:part:)``, ``IndexError/calledFromCallback``.
  @discardableResult
  public func remove(_ key: UInt64) throws(IndexError) -> Bool {
    try write { (writer) throws(IndexError) in
      guard let slot = keyMap.withLock({ $0.remove(key, storage.keys) }) else { return false }
      storage.setState(slot, SlotState.removed)
      liveCount.wrappingSubtract(1, ordering: .releasing)
      retire(slot, &writer)
      return true
    }
  }

  /// Repairs the graph around everything removed so far and clears its slots now. If more than a quarter of all slots
  /// are then free, the others move together, and memory and later files shrink; searches wait meanwhile.
  ///
  /// - Complexity: O(n) reads and O(r) repairs for r removed vectors.
  /// - Throws: ``IndexError/searchesUnderWay(seconds:)``, what was removed then stays removed;
  ///   ``IndexError/damaged(path:part:)``, ``IndexError/calledFromCallback``.
  public func compact() throws(IndexError) {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      guard readers.waitFor(readers.advance()) else { throw .searchesUnderWay(seconds: Readers.patience) }
      settle(&writer)
      guard writer.freeSlots.count > slotCount.load(ordering: .relaxed) / 4 else { return }
      guard readers.exclusive({ pack(&writer) }) else { throw .searchesUnderWay(seconds: Readers.patience) }
    }
  }
}
