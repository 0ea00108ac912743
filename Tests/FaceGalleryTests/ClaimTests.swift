import FaceEngine
import TestSupport
import Testing

@testable import FaceGallery

@Suite("Whether a face is a certain person's")
struct ClaimTests {
  @Test(
    "the verdict is that of a query among the person's faces only, by one face and by several",
    arguments: [QueryOptions.Rule.bestFace, .meanOfBest(3)])
  func asQueried(rule: QueryOptions.Rule) throws {
    let base = Samples.operatingPoint
    let folder = try TemporaryFolder()
    let engine = FakeEngine(
      operatingPoint: OperatingPoint(
        points: base.points, slope: base.slope, offset: base.offset, floors: [0.9, 0.93],
        certainties: [0.91, 0.94]))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    for person in 0..<12 {
      // From one face to four.
      _ = try gallery.add(
        (0...(person % 4)).map { (Samples.name(person), try Samples.embedding(person: person, face: $0)) })
      let id = try #require(try gallery.person(named: Samples.name(person))?.id)
      try gallery.tag(id, ["who": "\(person)"])
    }
    _ = try gallery.addUnnamed([try Samples.embedding(person: 0, face: 70)])
    var verdicts: Set<Bool> = []
    for person in 0..<12 {
      let id = try #require(try gallery.person(named: Samples.name(person))?.id)
      for (other, noise) in [(person, Float(0.1)), (person, 0.4), (person, 0.8), ((person + 1) % 12, 0.4)] {
        let probe = try Samples.embedding(person: other, face: 50, noise: noise)
        let claim = try #require(try gallery.verify([probe], as: id, rule: rule).first)
        let options = QueryOptions(
          k: 1, conditions: [TagCondition(key: "who", value: "\(person)")], rule: rule)
        let answer = try gallery.query(probe, options: options)
        #expect(claim.similarity == answer.candidates[0].similarity)
        #expect(claim.face == answer.candidates[0].face && claim.threshold == answer.certainty)
        #expect(claim.isSamePerson == answer.verdict.isKnown)
        #expect((try #require(claim.probability) >= 0.5) == claim.isSamePerson)
        verdicts.insert(claim.isSamePerson)
      }
    }
    #expect(verdicts == [true, false])
  }

  @Test(
    "nobody, somebody without faces, another dimension and a missing threshold are refused",
    arguments: Storage.allCases)
  func refusals(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let probe = try Samples.embedding(person: 0, face: 0)
    let empty = try gallery.addPerson(named: "Nemo").id
    func code(_ body: () throws -> [ClaimAnswer]) -> GalleryError.Code? {
      do {
        _ = try body()
        return nil
      } catch {
        return (error as? GalleryError)?.code
      }
    }
    #expect(code { try gallery.verify([probe], as: empty, threshold: 0.5) } == .noSuchFace)
    _ = try gallery.add(probe, as: "Ada")
    let ada = try #require(try gallery.person(named: "Ada")?.id)
    #expect(code { try gallery.verify([probe], as: PersonID(rawValue: 99), threshold: 0.5) } == .noSuchPerson)
    #expect(code { try gallery.verify([probe], as: ada) } == .thresholdNeeded)
    #expect(code { try gallery.verify([probe], as: ada, threshold: .nan) } == .invalidArgument)
    #expect(
      code { try gallery.verify([probe], as: ada, threshold: 0.5, rule: .meanOfBest(0)) } == .invalidArgument)
    let short = try Embedding(normalizing: [1, 0, 0])
    #expect(code { try gallery.verify([short], as: ada, threshold: 0.5) } == .invalidEmbedding)
    let claim = try #require(try gallery.verify([probe], as: ada, threshold: 0.5).first)
    #expect(claim.isSamePerson && claim.probability == nil && claim.faces == 1)
  }
}
