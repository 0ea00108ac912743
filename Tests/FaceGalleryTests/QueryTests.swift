import FaceEngine
import Foundation
import Support
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Queries")
struct QueryTests {
  /// The right answer, by comparing the probe with everything.
  private func expected(
    _ faces: [(name: String, embedding: Embedding)], _ probe: Embedding, k: Int, byPerson: Bool
  ) -> [String] {
    let ranked = faces.enumerated().map {
      ($0.offset, $0.element.name, $0.element.embedding.cosineSimilarity(to: probe))
    }
    .sorted { $0.2 > $1.2 }
    var names: [String] = []
    for (_, name, _) in ranked where !byPerson || !names.contains(name) { names.append(name) }
    return Array(names.prefix(k))
  }

  @Test(
    "every plan gives the candidates that comparing with everything gives",
    arguments: QueryOptions.Plan.allCases)
  func plans(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try Samples.faces(people: 60, each: 5)
    _ = try gallery.add(faces)
    for person in stride(from: 0, to: 60, by: 7) {
      let probe = try Samples.embedding(person: person, face: 77)
      var best = byPerson(plan)
      best.rule = .bestFace
      let people = try gallery.query(probe, options: best)
      #expect(people.candidates.map(\.name) == expected(faces, probe, k: 5, byPerson: true))
      #expect(people.plan.hasPrefix(plan == .graph ? "graph" : "exact"))
      let single = try gallery.query(probe, options: byFace(k: 12, plan))
      #expect(single.candidates.map(\.name) == expected(faces, probe, k: 12, byPerson: false))
      #expect(
        zip(single.candidates, single.candidates.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
    }
  }

  @Test("similarities are the same to the bit whichever way the search goes", arguments: Storage.allCases)
  func sameScores(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 30, each: 4))
    let probe = try Samples.embedding(person: 4, face: 50)
    let scanned = try gallery.query(probe, options: byFace(k: 10, .automatic))
    let graph = try gallery.query(probe, options: byFace(k: 10, .graph))
    #expect(scanned.candidates.map(\.similarity) == graph.candidates.map(\.similarity))
    #expect(scanned.candidates.allSatisfy { abs($0.squaredDistance - (2 - 2 * $0.similarity)) < 1e-6 })
  }

  @Test("a query that the index has overtaken answers for its own moment", arguments: Storage.allCases)
  func overtaken(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 60, each: 5))
    let probe = try Samples.embedding(person: 4, face: 77)
    let options = byFace(k: 12, .graph)
    let before = try gallery.query(probe, options: options)
    let session = try gallery.perform { $0 }
    try gallery.read { snapshot in
      let counters = try snapshot.counters()
      _ = try gallery.add((0..<20).map { ("Late", try Samples.embedding(person: 4, face: 100 + $0)) })
      _ = try gallery.query(probe, options: options)
      let view = try #require(session.keeper.view)
      #expect(view.sequence > counters.sequence, "the index is ahead of the snapshot")
      let scope = try QueryScope(snapshot, session, options, operatingPoint: nil)
      #expect(scope.counters == counters && scope.faces == 300)
      let search = FaceSearch(session: session, query: probe.values, options: options, scope: scope)
      let outcome = try search.run(snapshot)
      #expect(outcome.entries.map(\.face) == before.candidates.map(\.face.rawValue))
      #expect(outcome.plan.hasPrefix("graph"), "\(outcome.plan)")
    }
  }

  @Test("nobody is named below the threshold; a stranger is unknown", arguments: Storage.allCases)
  func unknown(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 20, each: 2))
    let stranger = try gallery.query(Samples.embedding(person: 999, face: 0), options: byPerson())
    #expect(stranger.verdict == .unknown)
    #expect(stranger.candidates.count == 5)
    let probe = try Samples.embedding(person: 3, face: 9)
    let known = try gallery.query(probe, options: byPerson())
    guard case .known(let match) = known.verdict else {
      Issue.record("the probe is known")
      return
    }
    #expect(match.name == "Person 3")
    var strict = byPerson()
    strict.threshold = match.similarity.nextUp
    #expect(try gallery.query(probe, options: strict).verdict == .unknown)
    strict.threshold = match.similarity
    #expect(try gallery.query(probe, options: strict).verdict == .known(match))
  }

  @Test("people are judged by the mean of their best faces", arguments: QueryOptions.Plan.allCases)
  func meanOfBest(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try Samples.faces(people: 40, each: 7)
    _ = try gallery.add(faces)
    for person in stride(from: 0, to: 40, by: 9) {
      let probe = try Samples.embedding(person: person, face: 77)
      let answer = try gallery.query(probe, options: byPerson(k: 3, plan))
      #expect(answer.candidates.count == 3)
      #expect(answer.candidates.first?.name == Samples.name(person))
      #expect(answer.candidates.map(\.similarity) == answer.candidates.map(\.similarity).sorted(by: >))
      for match in answer.candidates {
        let own = faces.filter { $0.name == match.name }.map(\.embedding)
          .sorted { $0.cosineSimilarity(to: probe) > $1.cosineSimilarity(to: probe) }
        let sum = (0..<128).map { component in own.prefix(5).reduce(0) { $0 + $1.values[component] } }
        let mean = try Embedding(normalizing: sum)
        #expect(abs(match.similarity - mean.cosineSimilarity(to: probe)) < 1e-5)
        #expect(try gallery.embedding(of: match.face)?.cosineSimilarity(to: own[0]) ?? 0 > 0.9999)
      }
    }
    // A face under a wrong name does not count among five good ones.
    let probe = try Samples.embedding(person: 3, face: 77)
    let before = try gallery.query(probe, options: byPerson(k: 1, plan))
    _ = try gallery.add(Samples.embedding(person: 99, face: 0), as: Samples.name(3))
    let after = try gallery.query(probe, options: byPerson(k: 1, plan))
    #expect(after.candidates.map(\.similarity) == before.candidates.map(\.similarity))
    var none = byPerson(plan)
    none.rule = .meanOfBest(0)
    #expect(code { _ = try gallery.query(probe, options: none) } == .invalidArgument)
  }

  @Test(
    "the default threshold is the engine's and rises with the number of faces", arguments: Storage.allCases)
  func threshold(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let probe = try Samples.embedding(person: 0, face: 9)
    _ = try gallery.add(Samples.faces(people: 1, each: 1))
    let small = try gallery.query(probe)
    #expect(small.threshold == Samples.operatingPoint.threshold(faces: 1))
    #expect(small.candidates[0].probability != nil)
    _ = try gallery.add(Samples.faces(people: 300, each: 1))
    let large = try gallery.query(probe)
    #expect(large.threshold == Samples.operatingPoint.threshold(faces: 301))
    #expect(large.threshold > small.threshold)
  }

  @Test("who is judged by several faces is named from the engine's floor on, unless a threshold is given")
  func floors() throws {
    let base = Samples.operatingPoint
    let folder = try TemporaryFolder()
    let engine = FakeEngine(
      operatingPoint: OperatingPoint(
        points: base.points, slope: base.slope, offset: base.offset, floors: [0.97, 0.98]))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    let probe = try Samples.embedding(person: 0, face: 9)
    let usual = base.threshold(faces: 2)
    #expect(try gallery.query(probe).threshold == usual)
    _ = try gallery.add(Array(Samples.faces(people: 1, each: 4).dropFirst()))
    let answer = try gallery.query(probe, options: QueryOptions(k: 2))
    #expect(answer.threshold == 0.98)
    for match in answer.candidates.prefix(1) {
      #expect((try #require(match.probability) >= 0.5) == (match.similarity >= 0.98))
    }
    #expect(try gallery.query(probe, options: QueryOptions(threshold: 0.5)).threshold == 0.5)
    #expect(
      try gallery.query(probe, options: QueryOptions(rule: .bestFace)).threshold == base.threshold(faces: 5))
  }

  @Test("pictures of one moment count once, so that a burst is no stronger, and no weaker, than one photo")
  func nearDuplicates() throws {
    let base = Samples.operatingPoint
    let folder = try TemporaryFolder()
    let engine = FakeEngine(
      operatingPoint: OperatingPoint(
        points: base.points, slope: base.slope, offset: base.offset, nearDuplicate: 0.999,
        floors: [0.97, 0.98]))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let name = "Person 0"
    let probe = try Samples.embedding(person: 0, face: 9)
    let one = try Samples.embedding(person: 0, face: 0)
    _ = try gallery.add(one, as: name)
    let before = try gallery.query(probe)
    // Nine more of the same moment.
    for copy in 1...9 {
      var values = one.values
      values[copy] += 0.001
      _ = try gallery.add(Embedding(normalizing: values), as: name)
    }
    let burst = try gallery.query(probe)
    #expect(abs(burst.candidates[0].similarity - before.candidates[0].similarity) < 0.01)
    #expect(burst.threshold == base.threshold(faces: 10))
    // Behind ten of one moment another photo is still found, and counts.
    let other = try Samples.embedding(person: 0, face: 3)
    try #require(zip(one.values, other.values).reduce(0) { $0 + $1.0 * $1.1 } < 0.999)
    _ = try gallery.add(other, as: name)
    let both = try gallery.query(probe)
    #expect(both.threshold == 0.97 && both.candidates[0].similarity > burst.candidates[0].similarity)
  }

  @Test("two people alike are both answers, whatever k is, and one alike may be a stranger")
  func ambiguous() throws {
    let points = Samples.operatingPoint.points
    let folder = try TemporaryFolder()
    let engine = FakeEngine(
      operatingPoint: OperatingPoint(points: points, slope: 10, offset: -5, certainties: [0.99]))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    _ = try gallery.add(Samples.faces(people: 3, each: 1))
    let own = try #require(Samples.faces(people: 1, each: 1).first?.embedding)
    let name = try #require(gallery.query(own).candidates.first?.name)
    #expect(try gallery.query(own).verdict.text == name)
    // A little away from it another person may be meant, unless a threshold is given.
    let near = try Samples.embedding(person: 0, face: 9)
    let alone = try gallery.query(near)
    #expect((0.5..<0.99).contains(alone.candidates[0].similarity) && alone.certainty == 0.99)
    #expect(alone.rivals.isEmpty && alone.verdict == .ambiguous([alone.candidates[0]]))
    #expect(alone.verdict.text == "\(name) or somebody alike" && !alone.verdict.isKnown)
    #expect(try #require(alone.candidates[0].probability) < 0.5)
    #expect(try gallery.query(near, options: QueryOptions(threshold: 0.5)).verdict.isKnown)
    // The same face under a second name.
    _ = try gallery.add([(name: "Twin", embedding: near)])
    for rule in [QueryOptions.Rule.bestFace, .meanOfBest(5)] {
      for threshold in [nil, 0.5] as [Float?] {
        let answer = try gallery.query(near, options: QueryOptions(k: 1, threshold: threshold, rule: rule))
        #expect(answer.candidates.count == 1 && answer.candidates[0].name == "Twin")
        #expect(answer.rivals.map(\.name) == [name] && answer.verdict.names == ["Twin", name])
        #expect(answer.verdict.text == "Twin or \(name)" && answer.verdict.isAmbiguous)
        #expect(try #require(answer.candidates[0].probability) < 0.5)
      }
    }
  }

  @Test(
    "a name is given once on a photo, to the face that is most like the person", arguments: Storage.allCases)
  func nameOnce(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    _ = try gallery.add(Samples.faces(people: 4, each: 3))
    // Two faces of person 1, one of 2 and a stranger, largest first.
    let faces = [(1, 9), (2, 9), (1, 0), (99, 0)].enumerated().map { index, face in
      FakePhoto.Face(
        person: UInt8(face.0), face: UInt8(face.1), place: UInt8(index), size: UInt8(200 - 20 * index))
    }
    let photo = FakePhoto(faces).photo()
    var options = QueryOptions(k: 3)
    for grouping in QueryOptions.Grouping.allCases {
      options.grouping = grouping
      options.allowsSameNameTwice = true
      let alone = try gallery.query(photo, options: options).map(\.answer)
      #expect(alone.map(\.verdict.names) == [["Person 1"], ["Person 2"], ["Person 1"], []])
      #expect(alone.allSatisfy { $0.betterFace == nil })
      options.allowsSameNameTwice = false
      let answers = try gallery.query(photo, options: options).map(\.answer)
      #expect(answers == Answer.ofOnePhoto(alone))
      // The third is a face of the gallery.
      #expect(answers.map(\.betterFace) == [2, nil, nil, nil])
      #expect(answers.map(\.verdict.isKnown) == [false, true, true, false])
      #expect(answers[0].verdict.text == "Person 1 or somebody alike")
      for (answer, before) in zip(answers, alone) {
        #expect(answer.candidates.map(\.face) == before.candidates.map(\.face))
        let (now, then) = (
          try #require(answer.candidates[0].probability), before.candidates[0].probability ?? 0
        )
        #expect(now <= then && (now >= 0.5) == answer.verdict.isKnown)
      }
      #expect(answers[1] == alone[1] && answers[3] == alone[3])
      #expect(answers[0].candidates.allSatisfy { $0.probability ?? 1 < 0.5 })
    }
    let names = try gallery.match(photo).map(\.name)
    #expect(names == [nil, "Person 2", "Person 1", nil])
    // Embeddings are of no photo.
    let own = try Samples.embedding(person: 1, face: 0)
    #expect(try gallery.query([own, own]).allSatisfy { $0.verdict.isKnown })
  }

  @Test("equal faces of one photo share a name's odds, and the first keeps it")
  func equalFaces() throws {
    func answer(_ probability: Double?) -> Answer {
      let match = Match(
        person: PersonID(rawValue: 1), name: "Ada", face: FaceID(rawValue: 1), similarity: 0.8,
        squaredDistance: 0.4, probability: probability)
      return Answer(
        candidates: [match], threshold: 0.4, certainty: 0.4, rivals: [], plan: "", sequence: 1)
    }
    for (alone, first, others) in [(0.75, 0.5, 0.3), (1, 0.5, 1.0 / 3)] {
      let answers = Answer.ofOnePhoto([answer(alone), answer(alone), answer(alone)])
      #expect(answers.map(\.betterFace) == [nil, 0, 0])
      let probabilities = answers.compactMap(\.candidates[0].probability)
      #expect(probabilities.count == 3 && probabilities[0] == first)
      #expect(probabilities.dropFirst().allSatisfy { abs($0 - others) < 1e-9 }, "\(probabilities)")
    }
    let unmeasured = Answer.ofOnePhoto([answer(nil), answer(nil)])
    #expect(unmeasured.map(\.verdict.isKnown) == [true, false])
    #expect(unmeasured.allSatisfy { $0.candidates[0].probability == nil })
    #expect(Answer.ofOnePhoto([]) == [])
  }

  @Test(
    "probability and verdict agree, whatever the gallery's size, the threshold and what was measured",
    arguments: [false, true], Storage.allCases)
  func probabilities(hasEvidence: Bool, storage: Storage) throws {
    let folder = try TemporaryFolder()
    let base = Samples.operatingPoint
    let point = OperatingPoint(
      points: base.points, slope: base.slope, offset: base.offset,
      evidence: hasEvidence ? [.init(slope: 40, offset: -20)] : [])
    let gallery = try folder.openWithEngine(FakeEngine(operatingPoint: point), in: storage)
    var seen: Set<Bool> = []
    for size in [1, 20, 400] {
      _ = try gallery.add(Samples.faces(people: size, each: 1))
      for noise in stride(from: Float(0), through: 3, by: 0.1) {
        let probe = try Samples.embedding(person: 0, face: 9, noise: noise)
        for threshold in [nil, 0.2, 0.9] as [Float?] {
          let answer = try gallery.query(probe, options: QueryOptions(k: 3, threshold: threshold))
          let best = try #require(answer.candidates.first)
          #expect((try #require(best.probability) >= 0.5) == answer.verdict.isKnown)
          let all = try answer.candidates.map { try #require($0.probability) }
          #expect(all == all.sorted(by: >) && all.reduce(0, +) <= 1 + 1e-9)
          #expect(all.dropFirst().allSatisfy { $0 < 0.5 })
          seen.insert(answer.verdict.isKnown)
        }
      }
    }
    #expect(seen == [true, false])
  }

  @Test("the operating point stays with the gallery: no engine is needed to query it later")
  func storedOperatingPoint() throws {
    let folder = try TemporaryFolder()
    do { _ = try folder.openWithEngine().add(Samples.faces(people: 2, each: 1)) }
    let gallery = try Gallery.open(at: folder.gallery)
    let answer = try gallery.query(Samples.embedding(person: 0, face: 9))
    #expect(answer.threshold == Samples.operatingPoint.threshold(faces: 2))
    #expect(answer.candidates.first?.name == "Person 0")
  }

  @Test(
    "the more people a gallery has, the less a similarity says; of an older gallery's operating point the threshold says it"
  )
  func priors() throws {
    let base = Samples.operatingPoint
    let curve = OperatingPoint.Evidence(slope: 40, offset: -20)
    let measured = OperatingPoint(
      points: base.points, slope: base.slope, offset: base.offset,
      evidence: [curve, .init(slope: 44, offset: -24)])
    let probe = try Samples.embedding(person: 0, face: 9, noise: 0.9)
    func answer(_ folder: TemporaryFolder, _ options: QueryOptions) throws -> [(
      similarity: Float, probability: Double
    )] {
      // Without an engine, by what the gallery has stored.
      try Gallery.open(at: folder.gallery).query(probe, options: options).candidates
        .map { ($0.similarity, try #require($0.probability)) }
    }
    for (people, each) in [(2, 1), (40, 1), (2, 3)] {
      let (new, old) = (try TemporaryFolder(), try TemporaryFolder())
      for (folder, point) in [(new, measured), (old, base)] {
        let gallery = try Gallery.open(at: folder.gallery, engine: FakeEngine(operatingPoint: point))
        _ = try gallery.add(Samples.faces(people: people, each: each))
      }
      for rule in [QueryOptions.Rule.meanOfBest(5), .bestFace] {
        // Who is asked about is named by far, so that all is as Bayes' rule has it.
        let options = QueryOptions(k: people, threshold: 0.3, rule: rule)
        let found = try answer(new, options)
        let used = rule == .bestFace || each == 1 ? curve : measured.evidence[1]
        let compared = Double(rule == .bestFace ? people * each : people)
        func odds(_ place: Int) -> Double {
          exp(used.slope * Double(found[place].similarity) + used.offset) / compared
        }
        let sum = found.indices.reduce(1) { $0 + odds($1) }
        #expect(found.count == people && found[0].probability >= 0.5)
        for place in found.indices { #expect(abs(found[place].probability - odds(place) / sum) < 1e-5) }
        // As versions before had it.
        let before = try answer(old, options)
        #expect(before.map(\.similarity) == found.map(\.similarity))
        func beside(_ similarity: Float) -> Double {
          exp(base.slope * (Double(before[0].similarity) - Double(similarity)))
        }
        let alone = 1 / (1 + exp(-base.slope * (Double(before[0].similarity) - Double(Float(0.3)))))
        let all = before.reduce(0) { $0 + 1 / beside($1.similarity) }
        #expect(abs(before[0].probability - alone / all) < 1e-9)
      }
    }
  }

  @Test("without an operating point a threshold must be given", arguments: Storage.allCases)
  func thresholdNeeded(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    let probe = try Samples.embedding(person: 0, face: 1)
    #expect(code { _ = try gallery.query(probe) } == .thresholdNeeded)
  }

  @Test("an empty gallery answers: unknown", arguments: Storage.allCases)
  func empty(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let answer = try gallery.query(Samples.embedding(person: 0, face: 0))
    #expect(answer.candidates.isEmpty)
    #expect(answer.verdict == .unknown)
  }

  @Test("impossible requests are errors", arguments: QueryOptions.Plan.allCases)
  func impossible(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    let probe = try Samples.embedding(person: 0, face: 1)
    let short = try Embedding(normalizing: [1, 2, 3])
    #expect(code { _ = try gallery.query(short, options: byFace(plan)) } == .invalidEmbedding)
    #expect(code { _ = try gallery.query(probe, options: byFace(k: 0, plan)) } == .invalidArgument)
    #expect(
      code { _ = try gallery.query(probe, options: QueryOptions(threshold: .nan, plan: plan)) }
        == .invalidArgument)
    #expect(code { _ = try gallery.add(short, as: "x") } == .invalidEmbedding)
    #expect(try gallery.query(probe, options: byFace(k: 1000, plan)).candidates.count == 2)
  }

  @Test(
    "queries, additions, merges and removals at once: every answer is of one state",
    arguments: Storage.allCases)
  func contention(storage: Storage) async throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 40, each: 3))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 0..<40 {
          _ = try gallery.add(Samples.embedding(person: 100 + round, face: 0), as: Samples.name(100 + round))
        }
      }
      group.addTask {
        for person in 0..<10 {
          let source = try #require(try gallery.person(named: Samples.name(person)))
          let target = try #require(try gallery.person(named: Samples.name(person + 20)))
          try gallery.merge(source.id, into: target.id)
          let removed = try #require(try gallery.person(named: Samples.name(person + 10)))
          try gallery.remove(removed.id)
        }
      }
      for task in 0..<3 {
        group.addTask {
          let plan = QueryOptions.Plan.allCases[task]
          for round in 0..<60 {
            let answer = try gallery.query(
              Samples.embedding(person: round % 40, face: 8), options: byPerson(k: 8, plan))
            #expect(answer.candidates.count == 8)
            #expect(Set(answer.candidates.map(\.person)).count == 8)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try gallery.info().people == 60)
    try gallery.checkInvariants()
  }

  @Test("a query of several embeddings ends between two of them when nobody waits any more")
  func cancelled() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    let probes = try (0..<3).map { try Samples.embedding(person: $0, face: 9) }
    let cancellation = Cancellation()
    #expect(try gallery.query(probes, options: byPerson()).count == 3)
    cancellation.cancel()
    Cancellation.$current.withValue(cancellation) {
      #expect(code { _ = try gallery.query(probes, options: byPerson()) } == .engineFailure)
    }
  }
}
