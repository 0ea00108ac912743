import HeadTraining
import Support
import Testing

@Suite("Batches and triplets")
struct MiningTests {
  /// Rows on a line: squared distances are easy to see.
  private func distances(_ places: [Float]) -> [Float] {
    places.flatMap { a in places.map { (a - $0) * (a - $0) } }
  }

  @Test("batch-hard takes the farthest of the person and the nearest stranger")
  func batchHard() {
    var generator = SplitMix64(1)
    let found = TripletMining.batchHard.triplets(
      people: [0, 0, 0, 1, 1], distances: distances([0, 1, 3, 2, 9]), margin: 1, using: &generator)
    #expect(found.first == Triplet(anchor: 0, positive: 2, negative: 3))
    #expect(found.last == Triplet(anchor: 4, positive: 3, negative: 2))
    #expect(found.count == 5)
  }

  @Test("semi-hard takes the nearest stranger beyond the pair within the margin")
  func semiHard() {
    var generator = SplitMix64(1)
    let found = TripletMining.semiHard.triplets(
      people: [0, 0, 1, 2, 3], distances: distances([0, 2, 1, 2.2, 2.1]), margin: 2, using: &generator)
    #expect(found.first == Triplet(anchor: 0, positive: 1, negative: 4))
    #expect(found.count == 2)
  }

  @Test("triplets are of two photos of one person and one of another", arguments: TripletMining.allCases)
  func validity(mining: TripletMining) {
    var generator = SplitMix64(4)
    let people = (0..<24).map { $0 / 4 }
    let places = people.map { _ in Float.random(in: 0...1, using: &generator) }
    var again = generator
    let found = mining.triplets(
      people: people, distances: distances(places), margin: 0.2, using: &generator)
    #expect(found.count == (mining == .batchHard ? 24 : 72))
    for triplet in found {
      #expect(triplet.anchor != triplet.positive && people[triplet.anchor] == people[triplet.positive])
      #expect(people[triplet.anchor] != people[triplet.negative])
    }
    let repeated = mining.triplets(people: people, distances: distances(places), margin: 0.2, using: &again)
    #expect(repeated == found)
    let alone = mining.triplets(
      people: [0, 0], distances: distances([0, 1]), margin: 0.2, using: &generator)
    #expect(alone.isEmpty)
  }

  @Test("an epoch visits everybody with two photos, in batches of P people and K photos")
  func sampler() throws {
    let groups = [[0], [1, 2], [3, 4, 5, 6], [7, 8, 9], [10, 11, 12, 13, 14]]
    let sampler = try BatchSampler(groups: groups, people: 3, photos: 3)
    #expect(sampler.usablePeople == 4)
    var generator = SplitMix64(2)
    var again = generator
    let epoch = sampler.epoch(using: &generator)
    #expect(epoch.map(\.count) == [9, 9])
    #expect(!epoch.joined().contains(0))
    for group in groups.dropFirst() { #expect(epoch.joined().contains { group.contains($0) }) }
    for batch in epoch {
      #expect(Set(batch.map { row in groups.firstIndex { $0.contains(row) } }).count == 3)
    }
    #expect(sampler.epoch(using: &again) == epoch)
  }

  @Test("refuses people who cannot make a triplet, with the reason")
  func badInput() {
    #expect {
      try BatchSampler(groups: [[1], [2], [3]], people: 2, photos: 2)
    } throws: {
      ($0 as? TrainingError)?.code == .badData
    }
    #expect {
      try BatchSampler(groups: [[1, 2]], people: 2, photos: 2)
    } throws: {
      ($0 as? TrainingError)?.code == .badData
    }
    #expect {
      try BatchSampler(groups: [[1, 2], [3, 4]], people: 1, photos: 2)
    } throws: {
      ($0 as? TrainingError)?.code == .invalidOption
    }
  }
}
