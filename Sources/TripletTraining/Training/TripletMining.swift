/// Which triplets of a batch are trained on.
public enum TripletMining: String, Sendable, Hashable, Codable, CaseIterable {
  /// For every pair of a person, a stranger at random, as the seed did.
  case random
  /// For every pair of a person, the nearest stranger who is farther than the pair, by less than the margin; else a
  /// stranger at random (Schroff, Kalenichenko and Philbin, 2015).
  case semiHard
  /// For every photo, the farthest of the same person and the nearest stranger (Hermans, Beyer and Leibe, 2017).
  case batchHard

  /// The triplets of a batch.
  ///
  /// - Parameters:
  ///   - people: The person of each row.
  ///   - distances: Squared distances of all rows, row by row.
  ///   - margin: The margin of the loss.
  ///   - generator: Makes the random choices.
  /// - Returns: Triplets in a fixed order; none for people with one row, or when all rows are of one person.
  /// - Complexity: O(*rows*² × *rows a person*).
  public func triplets(
    people: [Int], distances: [Float], margin: Float, using generator: inout some RandomNumberGenerator
  ) -> [Triplet] {
    precondition(distances.count == people.count * people.count, "a distance for every pair of rows")
    var result: [Triplet] = []
    for anchor in people.indices {
      let strangers = people.indices.filter { people[$0] != people[anchor] }
      let own = people.indices.filter { $0 != anchor && people[$0] == people[anchor] }
      func distance(_ row: Int) -> Float { distances[anchor * people.count + row] }
      guard let nearest = strangers.min(by: { distance($0) < distance($1) }),
        let farthest = own.max(by: { distance($0) < distance($1) })
      else { continue }
      if self == .batchHard {
        result.append(Triplet(anchor: anchor, positive: farthest, negative: nearest))
        continue
      }
      for positive in own {
        let reach = distance(positive)
        let violating = strangers.filter { distance($0) > reach && distance($0) < reach + margin }
        let chosen = self == .semiHard ? violating.min { distance($0) < distance($1) } : nil
        guard let negative = chosen ?? strangers.randomElement(using: &generator) else { continue }
        result.append(Triplet(anchor: anchor, positive: positive, negative: negative))
      }
    }
    return result
  }
}
