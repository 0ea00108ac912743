internal import Support

/// Which people are trained on and which are only asked about: nobody is both.
public struct PeopleSplit: Sendable, Hashable {
  /// Faces of each person who is trained on.
  public let training: [[Int]]
  /// Faces of each person who decides when to stop.
  public let validation: [[Int]]

  /// Splits people by a seed.
  ///
  /// - Parameter excluded: People, by index, who are neither trained on nor validated with.
  /// - Throws: ``TrainingError`` with code `badData` when fewer than four people have two photos with a face.
  public init(
    _ features: FeatureSet, share: Double, seed: UInt64, excluding excluded: Set<Int> = []
  ) throws(TrainingError) {
    var groups: [[Int]] = []
    for (face, person) in features.people.enumerated() where !excluded.contains(person) {
      if let last = groups.last?.first, features.people[last] == person {
        groups[groups.count - 1].append(face)
      } else {
        groups.append([face])
      }
    }
    let usable = groups.filter { $0.count >= 2 }
    guard usable.count >= 4 else {
      throw TrainingError(
        .badData,
        "\(usable.count) of \(groups.count) people have two photos with a face, and training needs four such people, two "
          + "to learn from and two to validate with; add photos of the others.")
    }
    var generator = SplitMix64(seed ^ 0x5EED_0F5A_11DA_7E00)
    let shuffled = usable.shuffled(using: &generator)
    let count = min(max(Int((share * Double(usable.count)).rounded()), 2), usable.count - 2)
    validation = shuffled.prefix(count).sorted { $0[0] < $1[0] }
    training = shuffled.dropFirst(count).sorted { $0[0] < $1[0] }
  }
}
