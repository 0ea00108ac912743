/// Which numbers belong together, learnt pair by pair (union-find with path halving).
struct DisjointSets {
  private var parent: [UInt64: UInt64] = [:]

  /// The least number of the set that a number is in.
  mutating func representative(of number: UInt64) -> UInt64 {
    var number = number
    while let next = parent[number] {
      if let further = parent[next] { parent[number] = further }
      number = next
    }
    return number
  }

  mutating func join(_ a: UInt64, _ b: UInt64) {
    let (a, b) = (representative(of: a), representative(of: b))
    if a != b { parent[max(a, b)] = min(a, b) }
  }
}
