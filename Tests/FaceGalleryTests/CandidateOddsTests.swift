import FaceEngine
import Support
import Testing

@testable import FaceGallery

@Suite("Odds of candidates")
struct CandidateOddsTests {
  private func point(slope: Double) -> OperatingPoint {
    OperatingPoint(
      points: [
        .init(falseMatchRate: 1e-2, threshold: 0.5), .init(falseMatchRate: 1e-4, threshold: 0.6),
      ], slope: slope, offset: -12)
  }

  @Test(
    "each is what the operating point says of the entry beside the best of every other person",
    arguments: [1.0, 20, 400, 4_000], [Float(-2), 0.2, 2])
  func values(slope: Double, named: Float) throws {
    var random = SplitMix64(7)
    let point = point(slope: slope)
    let entries = (0..<200).map { number in
      TopFaces.Entry(
        face: UInt64(number), person: random.next() % 60, similarity: Float(random.next() % 2_000) / 1_000 - 1
      )
    }.sorted { $0.similarity > $1.similarity }
    let odds = CandidateOdds(entries, named: named, isTold: false, point)
    for entry in entries {
      var people: Set<UInt64> = [entry.person]
      let others = entries.filter { people.insert($0.person).inserted }.map(\.similarity)
      let shared = try #require(
        point.probability(similarity: entry.similarity, threshold: named, besides: others))
      let expected = min(shared, (0.5).nextDown)
      let found = try #require(odds.probability(of: entry))
      #expect(abs(found - expected) <= 1e-9 * expected + 1e-300)
    }
  }

  @Test("the work grows with the candidates, not with their square", .timeLimit(.minutes(1)))
  func work() {
    // In squares these were 4 · 10¹⁰ differences.
    let entries = (0..<200_000).map {
      TopFaces.Entry(face: UInt64($0), person: UInt64($0), similarity: 1 - Float($0) / 200_000)
    }
    let odds = CandidateOdds(entries, named: 0.5, isTold: false, point(slope: 20))
    let sum = entries.reduce(0) { $0 + (odds.probability(of: $1) ?? .nan) }
    #expect(sum > 0 && sum <= 1)
  }
}
