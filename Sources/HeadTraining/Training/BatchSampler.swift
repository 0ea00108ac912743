/// Batches of P people with K photos each: every batch has pairs and strangers (Hermans, Beyer and Leibe, 2017).
public struct BatchSampler: Sendable {
  /// People a batch.
  public let people: Int
  /// Photos of each.
  public let photos: Int
  private let groups: [[Int]]

  /// A sampler of the photos of each person.
  ///
  /// - Parameter groups: The photos of each person; people with one photo are left out.
  /// - Throws: ``TrainingError``: `invalidOption` for batches of fewer than two people or photos, `badData` when fewer
  ///   than two people have two photos.
  public init(groups: [[Int]], people: Int, photos: Int) throws(TrainingError) {
    guard people >= 2, photos >= 2 else {
      throw TrainingError(
        .invalidOption,
        "A batch has at least 2 people with 2 photos each, not \(people) with \(photos): triplets need both.")
    }
    let usable = groups.filter { $0.count >= 2 }
    guard usable.count >= 2 else {
      throw TrainingError(
        .badData,
        "\(usable.count) of \(groups.count) people have two photos with a face, and training needs two such people; "
          + "add photos of the others.")
    }
    self.groups = usable
    self.people = min(people, usable.count)
    self.photos = photos
  }

  /// People with two photos or more.
  public var usablePeople: Int { groups.count }

  /// The batches of an epoch: every usable person once, in random order, each with distinct photos while there are
  /// enough. People left over at the end are filled up with others.
  public func epoch(using generator: inout some RandomNumberGenerator) -> [[Int]] {
    let order = groups.indices.shuffled(using: &generator)
    return stride(from: 0, to: order.count, by: people).map { start in
      var chosen = Array(order[start..<min(start + people, order.count)])
      chosen += order.filter { !chosen.contains($0) }.prefix(people - chosen.count)
      return chosen.flatMap { person -> [Int] in
        let shuffled = groups[person].shuffled(using: &generator)
        return (0..<photos).map { shuffled[$0 % shuffled.count] }
      }
    }
  }
}
