import FaceEngine
import FaceGallery
import Foundation
import Support
import TestSupport
import Testing

@Suite("Duplicates and suspicious faces")
struct ReviewTests {
  @Test("a picture that is there twice is found, under one name and under two", arguments: Storage.allCases)
  func duplicates(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 30, each: 3))
    #expect(try gallery.reviewFaces().duplicates.isEmpty)
    let source = try Samples.embedding(person: 4, face: 0)
    func nearly(_ seed: UInt64) throws -> Embedding {
      var generator = SplitMix64(seed)
      return try Embedding(normalizing: source.values.map { $0 + 0.0005 * generator.normal() })
    }
    let twice = try gallery.add(nearly(1), as: Samples.name(4))
    let other = try gallery.add(Samples.embedding(person: 9, face: 1), as: Samples.name(20))
    let thrice = try gallery.add(nearly(2), as: Samples.name(4))
    let review = try gallery.reviewFaces()
    #expect(review.faces == 93)
    #expect(review.duplicates.count == 2)
    let mixed = try #require(review.duplicates.first)
    #expect(mixed.isOfSeveralPeople)
    #expect(Set(mixed.members.map(\.name)) == [Samples.name(9), Samples.name(20)])
    #expect(mixed.members.last?.face == other)
    let plain = review.duplicates[1]
    #expect(!plain.isOfSeveralPeople)
    #expect(plain.members.map(\.face) == [FaceID(rawValue: 5), twice, thrice])
    #expect(plain.similarity > 0.995)
    try gallery.remove(twice)
    #expect(try gallery.reviewFaces().duplicates[1].members.count == 2)
    #expect(try gallery.reviewFaces(ReviewOptions(duplicateSimilarity: 1.01)).duplicates.isEmpty)
  }

  @Test(
    "a face under a wrong name is closer to its real person; a lone face is not judged",
    arguments: [30, 300])
  func suspicious(people: Int) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: 2))
    #expect(try gallery.reviewFaces().suspicious.isEmpty)
    let wrong = try gallery.add(Samples.embedding(person: 7, face: 5), as: Samples.name(8))
    _ = try gallery.add(Samples.embedding(person: 7, face: 6), as: "Lone")
    let review = try gallery.reviewFaces()
    // Both people's own faces may be near the lone one's as well; only the wrong one is far from its own.
    let found = try #require(review.suspicious.first)
    #expect(found.member.face == wrong)
    #expect(found.member.name == Samples.name(8))
    #expect(found.otherSimilarity > found.ownSimilarity + 0.2)
    #expect(!review.suspicious.contains { $0.member.name == "Lone" })
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 0.2)).suspicious.map(\.member.face) == [wrong])
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 2)).suspicious.isEmpty)
    let own = try #require(try gallery.person(named: Samples.name(8)))
    try gallery.split([wrong], of: own.id, into: "Right")
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 0.2)).suspicious.isEmpty)
  }

  @Test("an empty gallery has nothing to review", arguments: Storage.allCases)
  func empty(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let review = try folder.open(in: storage).reviewFaces()
    #expect(review.faces == 0 && review.duplicates.isEmpty && review.suspicious.isEmpty)
  }
}
