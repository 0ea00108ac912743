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

  /// Measures recall on new queries made of a sample of the stored vectors and their neighbours.
  ///
  /// A found neighbour counts if its score is at least that of the true k-th, so that ties do no harm.
  /// - Parameters:
  ///   - sample: Queries to make.
  ///   - k: Neighbours to ask for.
  ///   - ef: Pool size; `nil` for the default.
  /// - Complexity: Two exact scans for each of `sample`.
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
      recall: try sample.recall(of: self, ef: used), queries: sample.queries.count, k: k, ef: used)
  }
}
