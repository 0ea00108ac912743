internal import Synchronization

extension HNSWIndex {
  /// Removes the vector of a key; false if there is none.
  ///
  /// No search that begins afterwards returns it. Its neighbours are linked to each other, and its slot, vector
  /// and code are cleared for reuse, at once or together with others removed soon after.
  /// - Complexity: O(log n) expected, amortised.
  @discardableResult
  public func remove(_ key: UInt64) -> Bool {
    let removed = try? write { (writer) throws(IndexError) in
      guard let slot = keyMap.withLock({ $0.remove(key, storage.keys) }) else { return false }
      storage.setState(slot, SlotState.removed)
      liveCount.wrappingSubtract(1, ordering: .releasing)
      writer.removed.append(slot)
      repairIfWorthwhile(&writer)
      return true
    }
    return removed ?? false
  }

  /// Repairs the graph around everything removed so far and clears its slots now.
  ///
  /// - Complexity: O(n) reads and O(r) repairs for r removed vectors.
  public func compact() throws(IndexError) {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      drain(&writer)
    }
  }
}
