/// What is near what: an undirected graph in compressed rows.
package struct NeighborGraph {
  /// The neighbours of node *i* are `targets[offsets[i]..<offsets[i + 1]]`.
  package let offsets: [Int]
  /// The nodes at the other ends.
  package let targets: [Int32]
  /// What the edges weigh.
  package let weights: [Float]

  /// How many nodes there are.
  package var count: Int { offsets.count - 1 }

  /// A graph of edges that may be listed in either direction, or both.
  package init(count: Int, edges: [(a: Int32, b: Int32, weight: Float)]) {
    var degrees = [Int](repeating: 0, count: count + 1)
    for edge in edges {
      degrees[Int(edge.a)] += 1
      degrees[Int(edge.b)] += 1
    }
    var starts = [0]
    starts.reserveCapacity(count + 1)
    for degree in degrees.dropLast() { starts.append(starts[starts.count - 1] + degree) }
    var next = starts
    var targets = [Int32](repeating: 0, count: 2 * edges.count)
    var weights = [Float](repeating: 0, count: 2 * edges.count)
    for edge in edges {
      for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
        targets[next[Int(from)]] = to
        weights[next[Int(from)]] = edge.weight
        next[Int(from)] += 1
      }
    }
    (offsets, self.targets, self.weights) = (starts, targets, weights)
  }
}
