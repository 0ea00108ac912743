internal import Synchronization

/// Counts searches by the path that answered them.
final class PathCounters: Sendable {
  private let graph = Atomic<Int>(0)
  private let widenedGraph = Atomic<Int>(0)
  private let exactAsAsked = Atomic<Int>(0)
  private let exactAsSmall = Atomic<Int>(0)
  private let exactAsNarrow = Atomic<Int>(0)
  private let exactAsExhaustive = Atomic<Int>(0)
  private let exactAsMeasured = Atomic<Int>(0)

  func count(_ plan: AnsweredBy) {
    switch plan {
    case .graph: graph.wrappingAdd(1, ordering: .relaxed)
    case .widenedGraph: widenedGraph.wrappingAdd(1, ordering: .relaxed)
    case .exactAsAsked: exactAsAsked.wrappingAdd(1, ordering: .relaxed)
    case .exactAsSmall: exactAsSmall.wrappingAdd(1, ordering: .relaxed)
    case .exactAsNarrow: exactAsNarrow.wrappingAdd(1, ordering: .relaxed)
    case .exactAsExhaustive: exactAsExhaustive.wrappingAdd(1, ordering: .relaxed)
    case .exactAsMeasured: exactAsMeasured.wrappingAdd(1, ordering: .relaxed)
    }
  }

  var values: [AnsweredBy: Int] {
    [
      .graph: graph.load(ordering: .relaxed),
      .widenedGraph: widenedGraph.load(ordering: .relaxed),
      .exactAsAsked: exactAsAsked.load(ordering: .relaxed),
      .exactAsSmall: exactAsSmall.load(ordering: .relaxed),
      .exactAsNarrow: exactAsNarrow.load(ordering: .relaxed),
      .exactAsExhaustive: exactAsExhaustive.load(ordering: .relaxed),
      .exactAsMeasured: exactAsMeasured.load(ordering: .relaxed),
    ]
  }
}
