import FaceEngine
import Foundation
import GalleryStore
import Support
import TestSupport
import Testing

@testable import FaceGallery

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
    #expect(
      found.own.name == Samples.name(8) && found.own.face != wrong && found.other.name != Samples.name(8))
    #expect(!review.suspicious.contains { $0.member.name == "Lone" })
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 0.2)).suspicious.map(\.member.face) == [wrong])
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 2)).suspicious.isEmpty)
    let own = try #require(try gallery.person(named: Samples.name(8)))
    try gallery.split([wrong], of: own.id, into: "Right")
    #expect(try gallery.reviewFaces(ReviewOptions(margin: 0.2)).suspicious.isEmpty)
  }

  @Test(
    "a wrong photo among four is found, whether or not the gallery knows whose it is, before and after it is added",
    arguments: Storage.allCases, [false, true])
  func mislabelled(storage: Storage, isKnown: Bool) throws {
    let folder = try TemporaryFolder()
    var engine = FakeEngine()
    engine.operatingPoint = OperatingPoint(
      points: Samples.operatingPoint.points, slope: 20, offset: -12, floors: [0.6, 0.65], certainties: [])
    let gallery = try folder.openWithEngine(engine, in: storage)
    if isKnown {
      for face in 1...2 { _ = try gallery.add(FakePhoto(person: 2, face: UInt8(face)).photo(), as: "Ben") }
    }
    for face in 1...3 {
      #expect(try gallery.add(FakePhoto(person: 1, face: UInt8(face)).photo(), as: "Ann").doubts.isEmpty)
    }
    let wrong = FakePhoto(person: 2, face: 9).photo()
    let strict = {
      var options = EnrolmentOptions()
      options.refusesDoubtful = true
      return options
    }()
    let refused = try gallery.add(wrong, as: "Ann", options: strict)
    guard case .refused(.doubtful(let doubt)) = refused.outcome else {
      Issue.record("\(refused)")
      return
    }
    #expect(doubt.kind == (isKnown ? "closer-to-other" : "unlike-own"))
    let added = try gallery.add(wrong, as: "Ann")
    guard case .added(let faces) = added.outcome else {
      Issue.record("\(added)")
      return
    }
    #expect(added.doubts == [doubt])
    let review = try gallery.reviewFaces()
    #expect(review.suspicious.map(\.member.face) == (isKnown ? faces : []))
    #expect(review.outliers.map(\.member.face) == (isKnown ? [] : faces))
    #expect((review.suspicious.map(\.own.name) + review.outliers.map(\.own.name)) == ["Ann"])
    #expect(review.suspicious.map(\.other.name) == (isKnown ? ["Ben"] : []))
    // Nobody else is in the gallery.
    #expect(review.outliers.allSatisfy { $0.other == nil && $0.otherSimilarity == nil })
    #expect(try gallery.add(FakePhoto(person: 1, face: 4).photo(), as: "Ann", options: strict).doubts.isEmpty)
  }

  @Test("an empty gallery has nothing to review", arguments: Storage.allCases)
  func empty(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let review = try folder.open(in: storage).reviewFaces()
    #expect(review.faces == 0 && review.duplicates.isEmpty && review.suspicious.isEmpty)
  }
}
