import GraphClustering
import Testing

@Suite("Chinese whispers")
struct ChineseWhispersTests {
  /// All edges within `groups`, of weight 1, and others.
  private func labels(
    _ groups: [Range<Int32>], and others: [(a: Int32, b: Int32, weight: Float)] = [], count: Int
  ) -> [Int32] {
    var edges = others
    for group in groups {
      for a in group { for b in group where b > a { edges.append((a, b, 1)) } }
    }
    return ChineseWhispers(NeighborGraph(count: count, edges: edges)).labels()
  }

  @Test("dense parts are clusters, one false edge does not join them, and who has no neighbour stays alone")
  func parts() {
    let labels = labels([0..<5, 5..<12], and: [(4, 5, 1)], count: 13)
    #expect(Set(labels[0..<5]).count == 1 && Set(labels[5..<12]).count == 1)
    #expect(Set(labels).count == 3 && labels[12] == 12)
  }

  @Test("the heavier side wins a node between two clusters, and the direction of an edge does not matter")
  func weights() {
    for weight: Float in [0.5, 2] {
      let labels = labels(
        [0..<4, 5..<9], and: [(4, 0, 1), (4, 1, 1), (5, 4, weight), (4, 6, weight)], count: 9)
      #expect(labels[4] == (weight < 1 ? labels[0] : labels[5]) && labels[0] != labels[5])
    }
  }

  @Test("a graph lists an edge at both of its ends")
  func graph() {
    let graph = NeighborGraph(count: 3, edges: [(0, 2, 0.5), (2, 1, 0.25)])
    #expect(graph.offsets == [0, 1, 2, 4] && graph.targets == [2, 2, 0, 1])
    #expect(graph.weights == [0.5, 0.25, 0.5, 0.25] && graph.count == 3)
    #expect(ChineseWhispers(NeighborGraph(count: 0, edges: [])).labels().isEmpty)
  }
}
