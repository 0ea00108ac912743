import Foundation
import HTTPTestSupport
import Testing

@testable import FaceGallery
@testable import GalleryServer
@testable import HTTPServing

/// CompreFace's calls, in memory and over a socket.
@Suite("CompreFace's API", .serialized)
struct CompreFaceTests {
  private static let root = "/api/v1/recognition"

  private func enrol(_ fixture: Fixture, _ name: String, person: Int, face: Int = 0) throws -> String {
    let reply = try fixture.send(
      .post, "\(Self.root)/faces?subject=\(name)", as: .write,
      files: ["file": FakePhoto(person: person, face: face).png()])
    #expect(reply.status == 201)
    return try #require(try reply.object["image_id"] as? String)
  }

  @Test("examples: add, list by pages, delete one, many, a subject's, all", arguments: Fixture.Way.allCases)
  func examples(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    var ids: [String] = []
    for face in 0..<3 { ids.append(try enrol(fixture, "Ada%20L", person: 1, face: face)) }
    for face in 0..<2 { ids.append(try enrol(fixture, "Bob", person: 2, face: face)) }
    #expect(Set(ids).count == 5)
    #expect(ids.allSatisfy { UUID(uuidString: $0) != nil })

    let again = try fixture.send(
      .post, "\(Self.root)/faces?subject=Bob", as: .write,
      files: ["file": FakePhoto(person: 2, face: 0).png()])
    #expect(again.status == 200)
    #expect(try again.object["image_id"] as? String == ids[3])

    var listed: [String] = []
    for page in 0..<3 {
      let reply = try fixture.send(.get, "\(Self.root)/faces?page=\(page)&size=2", as: .read).object
      #expect(reply["total_elements"] as? Int == 5)
      #expect(reply["total_pages"] as? Int == 3)
      #expect(reply["page_number"] as? Int == page)
      listed += (reply["faces"] as? [[String: String]] ?? []).compactMap { $0["image_id"] }
    }
    #expect(listed == ids)
    let ofBob = try fixture.send(.get, "\(Self.root)/faces?subject=Bob", as: .read).object
    #expect(ofBob["total_elements"] as? Int == 2)
    let beyond = try fixture.send(.get, "\(Self.root)/faces?page=1000000000&size=1000", as: .read).object
    #expect((beyond["faces"] as? [Any])?.isEmpty == true)

    let one = try fixture.send(.delete, "\(Self.root)/faces/\(ids[0])", as: .write)
    #expect(try one.object["subject"] as? String == "Ada L")
    #expect(try fixture.send(.delete, "\(Self.root)/faces/\(ids[0])", as: .write).status == 404)
    let many = try fixture.send(
      .post, "\(Self.root)/faces/delete", as: .write, headers: ["Content-Type": "application/json"],
      body: JSONEncoder().encode([ids[0], ids[1], ids[1]]))
    let gone = try JSONSerialization.jsonObject(with: many.body) as? [[String: String]]
    #expect(gone?.compactMap { $0["image_id"] } == [ids[1]])
    #expect(
      try fixture.send(.delete, "\(Self.root)/faces?subject=Bob", as: .write).object["deleted"] as? Int == 2)
    #expect(try fixture.send(.delete, "\(Self.root)/faces?subject=", as: .write).status == 400)
    #expect(try fixture.send(.delete, "\(Self.root)/faces", as: .write).object["deleted"] as? Int == 1)
    #expect(try fixture.gallery.info().faces == 0)
  }

  /// How many transactions were ever committed: by the heads of LMDB's file, which take turns.
  private func commits(_ fixture: Fixture) throws -> UInt64 {
    let file = try FileHandle(forReadingFrom: fixture.folder.appending(path: "data.mdb"))
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let heads = try #require(try file.read(upToCount: 2 * page))
    return [0, page].map { start in
      heads.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start + 144, as: UInt64.self) }
    }.max() ?? 0
  }

  @Test(
    "many examples are deleted in one transaction; none when an id is none", arguments: Fixture.Way.allCases)
  func manyExamples(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let ids = try (0..<4).map { try enrol(fixture, "Ada", person: 1, face: $0) }
    func delete(_ ids: [String]) throws -> HTTPResponse {
      try fixture.send(
        .post, "\(Self.root)/faces/delete", as: .write, headers: ["Content-Type": "application/json"],
        body: JSONEncoder().encode(ids))
    }
    let before = try commits(fixture)
    let refused = try delete([ids[0], "nonsense", ids[1]])
    #expect(refused.status == 400)
    #expect(try refused.object["error"] as? String == "bad-parameter")
    #expect(
      try refused.object["message"] as? String
        == "Entry 2 of the list is no id of an image; nothing was deleted.")
    #expect(try fixture.gallery.info().faces == 4)
    #expect(try commits(fixture) == before)
    let gone = UUID().uuidString
    let deleted = try delete([ids[2], gone, ids[0], ids[2], ids[1]])
    let found = try JSONSerialization.jsonObject(with: deleted.body) as? [[String: String]]
    #expect(found?.compactMap { $0["image_id"] } == [ids[2], ids[0], ids[1]])
    #expect(try commits(fixture) == before + 1)
    #expect(try fixture.gallery.info().faces == 1)
    #expect(try JSONSerialization.jsonObject(with: delete([ids[0], gone]).body) as? [String] == [])
    #expect(try commits(fixture) == before + 1)
  }

  @Test("subjects: add, list, rename, merge, delete one and all", arguments: Fixture.Way.allCases)
  func subjects(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let path = "\(Self.root)/subjects"
    #expect(try fixture.send(.post, path, as: .write, json: ["subject": "Ada"]).status == 201)
    let twice = try fixture.send(.post, path, as: .write, json: ["subject": "Ada"])
    #expect(twice.status == 400)
    #expect(try twice.object["code"] as? Int == 43)
    _ = try enrol(fixture, "Bob", person: 2)
    _ = try enrol(fixture, "Robert", person: 2, face: 1)
    #expect(
      try fixture.send(.get, path, as: .read).object["subjects"] as? [String] == ["Ada", "Bob", "Robert"])
    #expect(try fixture.send(.get, path + "/", as: .read).status == 400)
    let renamed = try fixture.send(.put, path + "/Ada", as: .write, json: ["subject": "A/B ä"])
    #expect(try renamed.object["updated"] as? Bool == true)
    #expect(try fixture.send(.put, path + "/Bob", as: .write, json: ["subject": "Robert"]).status == 200)
    #expect(try fixture.gallery.person(named: "Robert")?.faceCount == 2)
    #expect(try fixture.send(.put, path + "/Nobody", as: .write, json: ["subject": "X"]).status == 404)
    let deleted = try fixture.send(.delete, path + "/A%2FB%20%C3%A4", as: .write)
    #expect(try deleted.object["subject"] as? String == "A/B ä")
    #expect(try fixture.send(.delete, path, as: .write).object["deleted"] as? Int == 1)
    #expect(try fixture.send(.post, path, as: .write, json: ["subject": ""]).status == 400)
    #expect(try fixture.send(.post, path, as: .write, json: [:]).failure == "bad-json")
  }

  @Test("a subject is found however the name is written", arguments: Fixture.Way.allCases)
  func writings(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let path = "\(Self.root)/subjects"
    _ = try enrol(fixture, "Ada%20Lovelace", person: 1)
    _ = try enrol(fixture, "ADA%20%20LOVELACE", person: 1, face: 1)
    _ = try enrol(fixture, "Bob", person: 2)
    let twice = try fixture.send(.post, path, as: .write, json: ["subject": "ada lovelace"])
    #expect(try twice.status == 400 && twice.object["code"] as? Int == 43)
    let listed = try fixture.send(.get, "\(Self.root)/faces?subject=ada%20lovelace", as: .read)
    #expect(try listed.object["total_elements"] as? Int == 2)
    #expect(try fixture.send(.put, path + "/bob", as: .write, json: ["subject": "BOB"]).status == 200)
    #expect(
      try fixture.send(.get, path, as: .read).object["subjects"] as? [String] == ["Ada Lovelace", "BOB"])
    #expect(
      try fixture.send(.put, path + "/bob", as: .write, json: ["subject": "ADA lovelace"]).status == 200)
    #expect(try fixture.gallery.people().map(\.faceCount) == [3])
    #expect(try fixture.send(.delete, path + "/ada%20lovelace", as: .write).status == 200)
    #expect(try fixture.gallery.people().isEmpty)
  }

  @Test("recognise says who, how sure, and unknown", arguments: Fixture.Way.allCases)
  func recognize(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let id = try enrol(fixture, "Ada", person: 1)
    _ = try enrol(fixture, "Bob", person: 2)
    let photo = try FakePhoto([(1, 5), (7, 0)]).png()
    let reply = try fixture.send(
      .post, "\(Self.root)/recognize?prediction_count=2&face_plugins=landmarks,calculator,pose&status=true",
      as: .read,
      files: ["file": photo])
    #expect(reply.status == 200)
    let object = try reply.object
    let faces = try #require(object["result"] as? [[String: Any]])
    #expect(faces.count == 2)
    let subjects = try #require(faces[0]["subjects"] as? [[String: Any]])
    #expect(subjects.map { $0["subject"] as? String } == ["Ada", "Bob"])
    #expect(subjects[0]["image_id"] as? String == id)
    #expect(subjects[0]["similarity"] as? Double ?? 0 > 0.9)
    #expect(subjects[0]["cosine"] as? Double ?? 0 > 0.9)
    #expect(faces[0]["known"] as? Bool == true)
    #expect(faces[1]["known"] as? Bool == false)
    let strangers = try #require(faces[1]["subjects"] as? [[String: Any]])
    #expect(strangers.count == 2 && strangers.allSatisfy { $0["similarity"] as? Double ?? 1 < 0.5 })
    #expect((faces[0]["embedding"] as? [Any])?.count == 16)
    #expect((faces[0]["landmarks"] as? [Any])?.count == 5)
    #expect(faces[0]["pose"] is [String: Any])
    #expect(faces[0]["execution_time"] is [String: Any])
    #expect(object["plugins_versions"] is [String: Any])
    let box = try #require(faces[0]["box"] as? [String: Any])
    #expect(box["x_max"] as? Int == 8)

    let base64 = try fixture.send(
      .post, "\(Self.root)/recognize?limit=1&only_known=true", as: .read,
      json: ["file": Data(photo).base64EncodedString()])
    let single = try #require(try base64.object["result"] as? [[String: Any]])
    #expect(single.count == 1)
    #expect(single[0]["embedding"] == nil)
    #expect((single[0]["subjects"] as? [Any])?.count == 1)
  }

  @Test("verify and detect", arguments: Fixture.Way.allCases)
  func verify(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let id = try enrol(fixture, "Ada", person: 1)
    let (ada, both) = (try FakePhoto(person: 1, face: 3).png(), try FakePhoto([(1, 2), (9, 0)]).png())
    let example = try fixture.send(.post, "\(Self.root)/faces/\(id)/verify", as: .read, files: ["file": both])
    let faces = try #require(try example.object["result"] as? [[String: Any]])
    #expect(faces.map { $0["same_person"] as? Bool } == [true, false])
    #expect(faces.map { ($0["similarity"] as? Double ?? .nan) >= 0.5 } == [true, false])
    let pair = try fixture.send(
      .post, "/api/v1/verification/verify", as: .read, files: ["source_image": ada, "target_image": both])
    let result = try #require(try pair.object["result"] as? [[String: Any]])
    let matches = try #require(result.first?["face_matches"] as? [[String: Any]])
    #expect(matches.count == 2)
    #expect(matches[0]["similarity"] as? Double ?? 0 > 0.9)
    #expect(result.first?["source_image_face"] is [String: Any])
    let detected = try fixture.send(.post, "/api/v1/detection/detect", as: .read, files: ["file": both])
    #expect((try detected.object["result"] as? [Any])?.count == 2)
  }

  @Test(
    "similarity is 0.5 where a face is named, rises with the cosine, and is below for whom the gallery does not name"
  )
  func similarity() throws {
    func match(_ similarity: Float) -> Match {
      Match(
        person: PersonID(rawValue: 1), name: "Ada", face: FaceID(rawValue: 1), similarity: similarity,
        squaredDistance: 2 - 2 * similarity, probability: nil)
    }
    func answer(_ best: Float, rivals: [Float] = []) -> Answer {
      Answer(
        candidates: [match(best), match(best - 0.01), match(-0.5)], threshold: 0.4, certainty: 0.5,
        rivals: rivals.map(match), plan: "", sequence: 1)
    }
    let calibrated = OperatingPoint(
      points: [.init(falseMatchRate: 1e-3, threshold: 0.4), .init(falseMatchRate: 1e-5, threshold: 0.5)],
      slope: 40, offset: -12)
    let known = CompreFaceSimilarity(answer(0.6))
    #expect(known.value(0.4) == 0.5)
    #expect(known.value(0.4 as Float - 1e-6) < 0.5)
    #expect(known.value(1) > 1 - 1e-6 && known.value(-1) >= 0)
    // Below its certainty, beside somebody as much alike, and below the threshold nobody is named.
    for other in [answer(0.45), answer(0.7, rivals: [0.69]), answer(0.3)] {
      let scale = CompreFaceSimilarity(other)
      let values = other.candidates.map { scale.value($0) }
      #expect(values.allSatisfy { (0..<0.5).contains($0) } && values == values.sorted(by: >))
      #expect(Set(values).count == 3)
    }
    let steps = stride(from: Float(-1), through: 1, by: 0.01).map(known.value)
    #expect(
      zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 } && steps.allSatisfy { (0...1).contains($0) })
    #expect(CompreFaceSimilarity(calibrated).value(0.4) == 0.5)
    #expect(CompreFaceSimilarity(.uncalibrated).value(0.25) == 0.25)
    #expect(CompreFaceSimilarity(.uncalibrated).value(-0.25) == 0)
  }

  @Test("embeddings are recognised and verified without a photo", arguments: Fixture.Way.allCases)
  func embeddings(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let id = try enrol(fixture, "Ada", person: 1)
    let ada = try FakeEngine.embedding(person: 1, face: 4).values
    let other = try FakeEngine.embedding(person: 3, face: 0).values
    let answer = try fixture.send(
      .post, "\(Self.root)/embeddings/recognize", as: .read, json: ["embeddings": [ada, other]])
    let result = try #require(try answer.object["result"] as? [[String: Any]])
    #expect(result.map { $0["known"] as? Bool } == [true, false])
    let verified = try fixture.send(
      .post, "\(Self.root)/embeddings/faces/\(id)/verify", as: .read, json: ["embeddings": [ada]])
    #expect((try verified.object["result"] as? [[String: Any]])?.first?["similarity"] as? Double ?? 0 > 0.9)
    let pair = try fixture.send(
      .post, "/api/v1/verification/embeddings/verify", as: .read, json: ["source": ada, "targets": [other]])
    #expect((try pair.object["result"] as? [[String: Any]])?.first?["similarity"] as? Double ?? 1 < 0.5)
    for bad: [String: Any] in [
      ["embeddings": [] as [Any]], ["embeddings": [[1, 2]]], ["embeddings": [[] as [Any]]],
    ] {
      let reply = try fixture.send(.post, "\(Self.root)/embeddings/recognize", as: .read, json: bad)
      #expect(reply.status == 400)
      #expect(reply.failure == "invalid-embedding")
    }
  }

  @Test("pictures can be had only where they are kept", arguments: [false, true])
  func pictures(_ keeps: Bool) throws {
    let fixture = try Fixture(.socket, keepThumbnails: keeps)
    let id = try enrol(fixture, "Ada", person: 1)
    for path in ["\(Self.root)/faces/\(id)/img", "/api/v1/static/\(fixture.key(.read))/images/\(id)"] {
      let reply = try fixture.send(.get, path, as: path.contains("static") ? nil : .read)
      #expect(reply.status == (keeps ? 200 : 404))
      if keeps {
        #expect(reply.headers["Content-Type"] == "image/jpeg")
        #expect(Array(reply.body.prefix(2)) == [0xff, 0xd8])
      }
    }
    #expect(!fixture.log.all.contains { $0.contains(fixture.key(.read)) })
    #expect(
      try fixture.send(.get, "/api/v1/static/wrong-wrong-wrong-key/images/\(id)", as: nil).status == 401)
  }

  @Test("photos that cannot be used are told apart", arguments: Fixture.Way.allCases)
  func refusals(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let cases: [(String, [String: [UInt8]], Int, String, Int)] = [
      ("\(Self.root)/faces?subject=Ada", ["file": try FakePhoto([]).png()], 400, "no-face", 28),
      (
        "\(Self.root)/faces?subject=Ada", ["file": try FakePhoto([(1, 0), (2, 0)]).png()], 400,
        "several-faces", 31
      ),
      ("\(Self.root)/faces?subject=Ada", ["file": Array("no photo".utf8)], 400, "unreadable", 21),
      ("\(Self.root)/faces", ["file": try FakePhoto(person: 1).png()], 400, "subject-missing", 33),
      ("\(Self.root)/faces?subject=Ada", ["photo": try FakePhoto(person: 1).png()], 400, "photo-missing", 21),
      ("\(Self.root)/recognize", ["file": try FakePhoto([]).png()], 400, "no-face", 28),
      ("\(Self.root)/recognize", ["file": Array("no photo".utf8)], 400, "unreadable-photo", 21),
      (
        "\(Self.root)/recognize", ["file": try FakePhoto([], failsEngine: true).png()], 500, "engine-failure",
        41
      ),
      ("\(Self.root)/recognize?limit=-1", ["file": [1]], 400, "bad-parameter", 26),
      ("\(Self.root)/recognize?det_prob_threshold=2", ["file": [1]], 400, "bad-parameter", 26),
      ("\(Self.root)/recognize?prediction_count=x", ["file": [1]], 400, "bad-parameter", 26),
      (
        "\(Self.root)/faces/00000000-0000-0000-0000-000000000000/verify", ["file": [1]], 404, "no-such-image",
        44
      ),
    ]
    for (target, files, status, word, code) in cases {
      let reply = try fixture.send(.post, target, as: .write, files: files)
      #expect(reply.status == status, "\(target) \(word)")
      #expect(reply.failure == word, "\(target)")
      #expect(try reply.object["code"] as? Int == code)
    }
    let forbidden = try fixture.send(
      .post, "\(Self.root)/faces?subject=Ada", as: .read, files: ["file": FakePhoto(person: 1).png()])
    #expect(forbidden.status == 403)
  }

  @Test("a key opens its own gallery only")
  func severalGalleries() throws {
    let (a, b) = (try Fixture(), try Fixture())
    let id = try enrol(a, "Ada", person: 1)
    let service = GalleryService(
      galleries: [try ServedGallery(a.gallery, name: "a"), try ServedGallery(b.gallery, name: "b")])
    func subjects(_ fixture: Fixture) throws -> [String]? {
      try service.answer(
        HTTPRequest(.get, "\(Self.root)/subjects", headers: ["x-api-key": fixture.key(.read)])
      ).object["subjects"] as? [String]
    }
    #expect(try subjects(a) == ["Ada"])
    #expect(try subjects(b) == [])
    let foreign = service.answer(
      HTTPRequest(.delete, "\(Self.root)/faces/\(id)", headers: ["x-api-key": b.key(.write)]))
    #expect(foreign.status == 404)
    let metrics = service.answer(HTTPRequest(.get, "/metrics", headers: ["x-api-key": b.key(.admin)]))
    #expect(!String(decoding: metrics.body, as: UTF8.self).contains("gallery=\"a\""))
  }
}
