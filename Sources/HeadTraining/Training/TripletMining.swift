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
      let row = distances[anchor * people.count..<(anchor + 1) * people.count]
      func distance(_ other: Int) -> Float { row[row.startIndex + other] }
      var own: [Int] = []
      var strangers: [Int] = []
      for other in people.indices where other != anchor {
        if people[other] == people[anchor] { own.append(other) } else { strangers.append(other) }
      }
      guard let farthest = own.max(by: { distance($0) < distance($1) }), !strangers.isEmpty else { continue }
      /// The nearest stranger beyond a distance; the first of equally near ones.
      func nearest(beyond reach: Float) -> Int? {
        var found: Int?
        var least = Float.infinity
        for stranger in strangers where distance(stranger) > reach && distance(stranger) < least {
          (found, least) = (stranger, distance(stranger))
        }
        return found
      }
      if self == .batchHard {
        // Distances that are no numbers have no nearest, and the loss is to show them.
        let negative = nearest(beyond: -.infinity) ?? strangers[0]
        result.append(Triplet(anchor: anchor, positive: farthest, negative: negative))
        continue
      }
      for positive in own {
        var chosen = self == .semiHard ? nearest(beyond: distance(positive)) : nil
        if let found = chosen, distance(found) >= distance(positive) + margin { chosen = nil }
        guard let negative = chosen ?? strangers.randomElement(using: &generator) else { continue }
        result.append(Triplet(anchor: anchor, positive: positive, negative: negative))
      }
    }
    return result
  }
}
