import Foundation
import Testing

@testable import BenchmarkKit

@Suite("Generated sets")
struct GeneratorTests {
  @Test("faces have the statistics of face embeddings")
  func faces() throws {
    let set = GeneratedSet(try SetRecipe(name: "face20k", queries: 500))
    let statistics = SetStatistics(set)
    #expect(abs(statistics.sameMean - 0.755) < 0.02)
    #expect(abs(statistics.sameDeviation - 0.10) < 0.015)
    #expect(abs(statistics.differentMean - 0.016) < 0.03)
    #expect(abs(statistics.differentDeviation - 0.18) < 0.02)
    #expect((25.0...40).contains(statistics.participationRatio))
    #expect(set.base.count == 20_000 && set.queries.count == 500 && set.identities.count == 20_000)
    #expect(Set(set.identities).count == 4_000)
  }

  @Test("faces in a cone share what a real network's embeddings share")
  func cone() throws {
    let statistics = SetStatistics(GeneratedSet(try SetRecipe(name: "facecone5k", queries: 10)))
    #expect((0.8...0.86).contains(statistics.differentMean))
    #expect((0.93...0.98).contains(statistics.sameMean))
  }

  @Test("near-duplicates are near")
  func duplicates() throws {
    let statistics = SetStatistics(GeneratedSet(try SetRecipe(name: "facedup5k", queries: 10)))
    #expect(abs(statistics.sameMean - 0.94) < 0.01)
    #expect(statistics.sameDeviation < 0.04)
  }

  @Test("the sphere fills all dimensions")
  func sphere() throws {
    let set = GeneratedSet(try SetRecipe(name: "gauss5k", queries: 10))
    let statistics = SetStatistics(set)
    #expect(abs(statistics.differentMean) < 0.005)
    #expect(abs(statistics.differentDeviation - 1 / 128.0.squareRoot()) < 0.005)
    #expect(statistics.participationRatio > 115)
    #expect(set.identities.isEmpty)
  }

  @Test("every vector has unit length", arguments: ["face1k", "facecone1k", "facedup1000", "gauss1k"])
  func length(name: String) throws {
    let set = GeneratedSet(try SetRecipe(name: name, queries: 20))
    for row in set.base.rows + set.queries.rows {
      #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
  }

  @Test("one seed gives one set, another seed another")
  func seeds() throws {
    let recipe = try SetRecipe(name: "face10k", queries: 50)
    let set = GeneratedSet(recipe)
    #expect(GeneratedSet(recipe).base == set.base)
    #expect(GeneratedSet(try SetRecipe(name: "face10k", queries: 50, seed: 1)).base != set.base)
  }

  @Test(
    "names that mean no set are refused",
    arguments: ["", "face", "face5", "cube1k", "face1e9", "face999m", "k"])
  func names(name: String) {
    #expect(throws: InputError.self) { try SetRecipe(name: name) }
  }

  @Test("normal numbers have mean 0, deviation 1 and tails")
  func normal() {
    var random = SeededRandom(seed: 3)
    let sample = Sample((0..<100_000).map { _ in Double(random.normal()) })
    #expect(abs(sample.mean) < 0.02)
    #expect(abs(sample.standardDeviation - 1) < 0.01)
    #expect(abs(sample.quantile(0.975) - 1.96) < 0.03)
  }
}
