import FaceEngine
import Foundation
import Support
import Testing

@testable import FaceGallery

@Suite("Odds of candidates")
struct CandidateOddsTests {
  private func point(
    slope: Double, evidence: [OperatingPoint.Evidence] = []
  ) -> OperatingPoint {
    OperatingPoint(
      points: [
        .init(falseMatchRate: 1e-2, threshold: 0.5), .init(falseMatchRate: 1e-4, threshold: 0.6),
      ], slope: slope, offset: -12, evidence: evidence)
  }

  private func entries(_ count: Int, people: UInt64, _ random: inout SplitMix64) -> [TopFaces.Entry] {
    (0..<count).map { number in
      TopFaces.Entry(
        face: UInt64(number), person: random.next() % people,
        similarity: Float(random.next() % 2_000) / 1_000 - 1)
    }.sorted { $0.similarity > $1.similarity }
  }

  /// The most similar entry of each person.
  private func bestOfEach(_ entries: [TopFaces.Entry]) -> [TopFaces.Entry] {
    var people: Set<UInt64> = []
    return entries.filter { people.insert($0.person).inserted }
  }

  @Test(
    "each is what Bayes' rule says of the entry beside the best of every other person and somebody else",
    arguments: [1.0, 20, 400, 4_000], [Float(-2), 0.2, 2])
  func values(slope: Double, named: Float) throws {
    var random = SplitMix64(7)
    let entries = entries(200, people: 60, &random)
    let curve = OperatingPoint.Evidence(slope: slope, offset: -slope / 2)
    for (point, people) in [(point(slope: slope), 1), (point(slope: 3, evidence: [curve]), 5_000)] {
      // Written as the text has it, in double precision: odds e^(slope · s + offset) / N, or e^(slope · (s − threshold)).
      func odds(_ similarity: Float) -> Double {
        point.evidence.isEmpty
          ? slope * (Double(similarity) - Double(named))
          : slope * Double(similarity) - slope / 2 - log(Double(people))
      }
      let found = CandidateOdds(entries, faces: 1, people: people, named: named, isTold: false, point)
      for entry in entries {
        let others = bestOfEach(entries).filter { $0.person != entry.person }
        let own = odds(entry.similarity)
        let beside = others.reduce(0) { $0 + exp(odds($1.similarity) - own) }
        // Without evidence as in versions before there was any.
        let shared =
          point.evidence.isEmpty
          ? 1 / (1 + exp(-own)) / (1 + beside) : 1 / (1 + exp(-own) + beside)
        let expected = min(shared, (0.5).nextDown)
        let value = try #require(found.probability(of: entry))
        #expect(abs(value - expected) <= 1e-9 * expected + 1e-300)
      }
    }
  }

  @Test(
    "of any candidates the probabilities have a sum of 1 at most, agree with the verdict and fall in their order"
  )
  func agreement() throws {
    var random = SplitMix64(11)
    var seen: Set<[Bool]> = []
    for round in 0..<3_000 {
      let slope = Double(random.next() % 300 + 1)
      let zero = Double(random.next() % 2_000) / 1_000 - 1
      let evidence = [1, 2].map { OperatingPoint.Evidence(slope: slope * $0, offset: -slope * $0 * zero) }
      let point = point(slope: 20, evidence: round.isMultiple(of: 3) ? [] : evidence)
      let entries = entries(Int(random.next() % 20) + 1, people: random.next() % 12 + 1, &random)
      let named = Float(random.next() % 2_000) / 1_000 - 1
      let isTold = random.next().isMultiple(of: 2)
      let people = 1 << Int(random.next() % 24)
      let faces = Int(random.next() % 4) + 1
      let odds = CandidateOdds(entries, faces: faces, people: people, named: named, isTold: isTold, point)
      let shown = try entries.map { try #require(odds.probability(of: $0)) }
      let isKnown = isTold && entries[0].similarity >= named
      #expect((shown[0] >= 0.5) == isKnown && shown.allSatisfy { (0...1).contains($0) })
      let sum = try bestOfEach(entries).reduce(0) { $0 + (try #require(odds.probability(of: $1))) }
      #expect(sum <= 1 + 1e-12, "\(shown)")
      for (entry, probability) in zip(entries, shown) where entry.person != entries[0].person {
        #expect(probability < 0.5)
      }
      let best = try bestOfEach(entries).map { try #require(odds.probability(of: $0)) }
      #expect(best == best.sorted(by: >))
      seen.insert([isKnown, point.evidence.isEmpty, faces > 1])
    }
    #expect(seen.count == 8)
  }

  @Test(
    "the best candidate's rises with the similarity and falls with the people, and never jumps over ½ by itself"
  )
  func monotony() throws {
    let point = point(slope: 20, evidence: [.init(slope: 60, offset: -24)])
    func best(_ similarity: Float, people: Int, named: Float) throws -> Double {
      let entries = [similarity, 0.3, 0.1].enumerated().map {
        TopFaces.Entry(face: UInt64($0.offset), person: UInt64($0.offset), similarity: $0.element)
      }
      let odds = CandidateOdds(entries, faces: 1, people: people, named: named, isTold: true, point)
      return try #require(odds.probability(of: entries[0]))
    }
    let steps = stride(from: Float(0.3), through: 1, by: 0.002)
    for people in [1, 10, 1_000, 100_000] {
      for named in [Float(0.4), 0.6, 0.8] {
        let values = try steps.map { try best($0, people: people, named: named) }
        #expect(values == values.sorted())
        #expect(zip(values, steps).allSatisfy { ($0 >= 0.5) == ($1 >= named) })
      }
    }
    for similarity in steps {
      // The threshold rises with the people, too.
      let values = try [1, 10, 100, 1_000, 100_000].map {
        try best(similarity, people: $0, named: point.threshold(faces: $0))
      }
      #expect(values == values.sorted(by: >))
    }
    // Bayes' rule in numbers: log-odds of 60 · 0.55 − 24 = 9 against log 1,000, and a second one of −6.
    let (own, second) = (exp(9.0) / 1_000, exp(-6.0) / 1_000)
    let third = exp(-18.0) / 1_000
    let found = try best(0.55, people: 1_000, named: 0.5)
    #expect(abs(found - own / (1 + own + second + third)) < 1e-4)
  }

  @Test("the work grows with the candidates, not with their square", .timeLimit(.minutes(1)))
  func work() {
    // In squares these were 4 · 10¹⁰ differences.
    let entries = (0..<200_000).map {
      TopFaces.Entry(face: UInt64($0), person: UInt64($0), similarity: 1 - Float($0) / 200_000)
    }
    let odds = CandidateOdds(
      entries, faces: 1, people: 200_000, named: 0.5, isTold: false, point(slope: 20))
    let sum = entries.reduce(0) { $0 + (odds.probability(of: $1) ?? .nan) }
    #expect(sum > 0 && sum <= 1)
  }
}
