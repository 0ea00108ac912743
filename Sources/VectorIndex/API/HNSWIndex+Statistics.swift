internal import Synchronization

extension HNSWIndex {
  /// What the index holds and how it has been answering.
  public struct Statistics: Sendable, Hashable {
    /// Vectors in the index.
    public let count: Int
    /// Slots free for new vectors, or about to be.
    public let deletedSlots: Int
    /// Bytes of the arrays that vectors, codes, keys and graph fill, and of the key map.
    public let memoryBytes: Int
    /// Nodes on each level, lowest first.
    public let levels: [Int]
    /// Mean number of links on the lowest level.
    public let meanDegree: Double
    /// Searches answered, by path.
    public let answered: [AnsweredBy: Int]
    /// Name of the distance kernels in use.
    public let kernels: String
  }

  /// Figures on contents, memory and answered searches.
  ///
  /// - Complexity: O(n).
  public var statistics: Statistics {
    readers.read { _ in
      let limit = slotCount.load(ordering: .acquiring)
      var levels = [Int](repeating: 0, count: Writer.topLevel + 1)
      var live = 0
      var links = 0
      for slot in 0..<UInt32(limit) where storage.isCurrent(slot) {
        live += 1
        links += storage.links(slot, level: 0).count
        for l in 0...Int(storage.levels[Int(slot)]) { levels[l] += 1 }
      }
      while levels.count > 1, levels.last == 0 { levels.removeLast() }
      let upperBytes = (levels.dropFirst().reduce(0, +)) * configuration.M * 4
      let mapBytes = keyMap.withLock { $0.memoryBytes }
      return Statistics(
        count: live, deletedSlots: limit - live,
        memoryBytes: limit * storage.bytesPerSlot + upperBytes + mapBytes, levels: levels,
        meanDegree: live == 0 ? 0 : Double(links) / Double(live), answered: counters.values,
        kernels: space.kernels.name)
    }
  }
}

extension Storage {
  /// Bytes that a slot takes in all arrays but the upper levels'.
  var bytesPerSlot: Int {
    var bytes = space.stride * 4 + 8 + 1 + 1 + baseDegree * 4 + 4
    if space.usesCodes {
      bytes += space.codeBytes + 4 + (space.metric == .cosine ? 0 : MemoryLayout<CodeTerms>.stride)
    }
    if hasTwins.load(ordering: .relaxed) { bytes += MemoryLayout<Twin>.stride }
    return bytes
  }
}

extension KeyMap {
  var memoryBytes: Int { table.count * 4 }
}

extension HNSWIndex {
  /// Recall measured by comparing graph and exact scan.
  public struct RecallReport: Sendable, Hashable {
    /// Share of the true `k` nearest that the graph found, 0…1; 1 when nothing was asked.
    public let recall: Double
    /// Queries made.
    public let queries: Int
    /// Neighbours asked for.
    public let k: Int
    /// Pool size used.
    public let ef: Int
  }

  /// Measures recall with a sample of the stored vectors as queries, each as if it were not in the graph itself.
  ///
  /// It is what queries of the stored vectors' kind can expect, whatever groups the vectors form.
  /// A found neighbour counts if its score is at least that of the true k-th, so that ties do no harm.
  /// - Parameters:
  ///   - sample: Queries to make.
  ///   - k: Neighbours to ask for.
  ///   - ef: Pool size; `nil` for the default.
  /// - Complexity: An exact scan for each of `sample`.
  /// - Throws: ``IndexError/invalidParameter(name:value:allowed:)``, ``IndexError/damaged(path:part:)``.
  public func measureRecall(sample: Int, k: Int, ef: Int? = nil) throws(IndexError) -> RecallReport {
    try SearchOptions(ef: ef).validate(k: k)
    let k = min(k, count)
    let used = ef ?? defaultEf(k: k, recall: nil)
    guard count > 0, sample > 0, k > 0 else {
      return RecallReport(recall: 1, queries: 0, k: k, ef: used)
    }
    let sample = try RecallSample(self, queries: sample, k: k)
    return RecallReport(
      recall: try sample.recall(of: self, ef: used).mean, queries: sample.queries.count, k: k, ef: used)
  }
}
