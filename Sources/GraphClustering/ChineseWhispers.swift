internal import Support

/// Chinese whispers (Biemann, 2006): every node takes over the label that weighs most among its neighbours, again and
/// again in random order, until nothing changes.
///
/// It needs no number of clusters, and one false edge between two dense clusters does not join them. The same graph
/// gives the same labels.
package struct ChineseWhispers {
  private let graph: NeighborGraph

  /// Clusters of a graph.
  package init(_ graph: NeighborGraph) { self.graph = graph }

  /// A label a node; nodes of one cluster have the same.
  ///
  /// - Complexity: O(*rounds* · *edges*).
  package func labels(rounds: Int = 50) -> [Int32] {
    var labels = (0..<Int32(graph.count)).map { $0 }
    var order = labels
    var votes = [Float](repeating: 0, count: graph.count)
    var generator = SplitMix64(1)
    for _ in 0..<rounds {
      order.shuffle(using: &generator)
      var isSettled = true
      for node in order {
        let edges = graph.offsets[Int(node)]..<graph.offsets[Int(node) + 1]
        guard !edges.isEmpty else { continue }
        for edge in edges { votes[Int(labels[Int(graph.targets[edge])])] += graph.weights[edge] }
        // A node keeps its label when no other weighs more; else the lowest of the heaviest wins.
        var best = labels[Int(node)]
        for edge in edges {
          let label = labels[Int(graph.targets[edge])]
          let (vote, most) = (votes[Int(label)], votes[Int(best)])
          if vote > most || vote == most && best != labels[Int(node)] && label < best { best = label }
        }
        for edge in edges { votes[Int(labels[Int(graph.targets[edge])])] = 0 }
        if best != labels[Int(node)] {
          labels[Int(node)] = best
          isSettled = false
        }
      }
      if isSettled { break }
    }
    return labels
  }
}
