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
    // Out of range it is what CompreFace makes of it; what is no number is a mistake.
    for (query, page, size, count) in [
      ("page=1000000000&size=1000", 1_000_000_000, 1_000, 0),
      ("page=9000000000000000000", 1_000_000_000, 20, 0),
      ("page=99999999999999999999&size=99999999999999999999", 1_000_000_000, 2_000, 0),
      ("page=-1&size=3", 0, 3, 3), ("size=0", 0, 20, 5), ("size=-7", 0, 20, 5), ("size=100000", 0, 2_000, 5),
      ("size=3&page=1&subject=Ada+L", 1, 3, 0), ("size=2001&subject=Ada+L", 0, 2_000, 3),
    ] {
      let reply = try fixture.send(.get, "\(Self.root)/faces?\(query)", as: .read).object
      #expect(
        [reply["page_number"], reply["page_size"]].map { $0 as? Int } == [page, size], "\(query)")
      #expect((reply["faces"] as? [Any])?.count == count, "\(query)")
    }
    for query in ["page=x", "size=1.5", "page=%2B1", "page=01"] {
      #expect(try fixture.send(.get, "\(Self.root)/faces?\(query)", as: .read).failure == "bad-parameter")
    }

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
    #expect(faces[0]["landmarks"] as? [[Int]] == [[2, 2], [6, 2], [4, 3], [3, 6], [5, 6]])
    // CompreFace counts a turn to the left of the photo, and one against the clock, as positive.
    let pose = try #require(faces[0]["pose"] as? [String: Double])
    #expect(pose["yaw"] == -10 && pose["roll"] == -5 && abs((pose["pitch"] ?? 0) - 22.91) < 0.01)
    let times = try #require(faces[0]["execution_time"] as? [String: Double])
    let network = try #require(fixture.gallery.engine).fingerprint.network
    #expect(Set(times.keys) == ["detector", "calculator", "pose"] && times.values.allSatisfy { $0 >= 0 })
    #expect(
      object["plugins_versions"] as? [String: String]
        == [
          "detector": "unknown", "calculator": network,
          "pose": "of-landmarks",
        ])
    #expect(object["remarks"] == nil)
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
    "plugins: what is here is said, what is not is told of, several parameters count together",
    arguments: Fixture.Way.allCases)
  func plugins(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    func ask(_ call: String, _ query: String, _ fields: String...) throws -> [String: Any] {
      let photo = try FakePhoto(1).png()
      let reply = try fixture.send(
        .post, "/api/v1/\(call)?\(query)", as: .read,
        files: Dictionary(uniqueKeysWithValues: fields.map { ($0, photo) }))
      #expect(reply.status == 200, "\(call)?\(query)")
      return try reply.object
    }
    // As Angular's client sends a list, and CompreFace's own front end asks for it.
    let repeated = "face_plugins=landmarks&face_plugins=gender&face_plugins=age&face_plugins=pose"
    for query in [
      repeated, "face_plugins=landmarks,+gender,Age,pose",
      "face_plugins=age,gender&face_plugins=pose,landmarks",
    ] {
      let object = try ask("recognition/recognize", query, "file")
      let face = try #require((object["result"] as? [[String: Any]])?.first)
      #expect(face["landmarks"] is [[Int]] && face["pose"] is [String: Any], "\(query)")
      #expect(face["age"] == nil && face["gender"] == nil && face["embedding"] == nil)
      #expect(object["remarks"] as? [String] == ["Not estimated here, and so not in the reply: age, gender."])
    }
    let verified = try ask(
      "verification/verify", "face_plugins=mask&status=true", "source_image", "target_image")
    let result = try #require((verified["result"] as? [[String: Any]])?.first)
    #expect(result["remarks"] as? [String] == ["Not estimated here, and so not in the reply: mask."])
    #expect((result["plugins_versions"] as? [String: Any])?["mask"] == nil)
    // Who asks for faces only gets them without their embedding being computed.
    let count = try #require(fixture.gallery.engine as? BatchingEngine).statistics.faces
    for (query, parts) in [
      ("status=true", ["detector"]), ("status=true&face_plugins=pose,detector", ["detector", "pose"]),
    ] {
      let object = try ask("detection/detect", query, "file")
      let times = (object["result"] as? [[String: Any]])?.first?["execution_time"] as? [String: Double]
      #expect(times?.keys.sorted() == parts)
      #expect((object["plugins_versions"] as? [String: String])?.keys.sorted() == parts)
    }
    #expect((fixture.gallery.engine as? BatchingEngine)?.statistics.faces == count)
    let embedded = try ask("detection/detect", "face_plugins=calculator", "file")
    #expect(((embedded["result"] as? [[String: Any]])?.first?["embedding"] as? [Any])?.count == 16)
    for query in ["face_plugins=landmark", "face_plugins=age,", "face_plugins=age&face_plugins=smile"] {
      let reply = try fixture.send(.post, "/api/v1/detection/detect?\(query)", as: .read, photo: FakePhoto(1))
      #expect(reply.failure == "bad-parameter", "\(query)")
    }
  }

  @Test("landmarks without a mouth are none of CompreFace's, and tell no pitch")
  func otherLandmarks() throws {
    let fixture = try Fixture(scheme: .dlib5)
    let reply = try fixture.send(
      .post, "/api/v1/detection/detect?face_plugins=landmarks,pose", as: .read, photo: FakePhoto(1)
    ).object
    let face = try #require((reply["result"] as? [[String: Any]])?.first)
    #expect(face["landmarks"] == nil)
    #expect((face["pose"] as? [String: Double])?["pitch"] == 0)
    #expect((reply["remarks"] as? [String])?.count == 2)
  }

  @Test(
    "a detector's score is a probability: rising, and faces that are there are above what clients leave out")
  func probabilities() {
    for (detector, least) in [("yunet", 0.6), ("hog", 0.9), ("cnn", 0.9), ("other", 0.5)] {
      let scale = DetectionProbability(detector: detector)
      let values = stride(from: Float(0), through: 6, by: 0.25).map(scale.value)
      #expect(values == values.sorted() && values.allSatisfy { $0 >= least - 1e-9 && $0 <= 1 }, "\(detector)")
      for value in [0.65, 0.8, 0.85, 0.99] {
        // The least score is the one with the probability, or the detector's own where all have more.
        let score = scale.score(value)
        #expect(score >= 0 && (score == 0 || abs(scale.value(score) - value) < 1e-6), "\(detector)")
      }
      #expect(scale.score(0) == 0 && scale.score(1) > 1_000)
    }
    #expect(abs(DetectionProbability(detector: "yunet").value(0) - 0.6) < 1e-9)
  }

  @Test(
    "faces below det_prob_threshold are left out; a face that is said to be one is sure",
    arguments: Fixture.Way.allCases)
  func detectionThreshold(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    func detect(_ query: String) throws -> HTTPResponse {
      try fixture.send(.post, "/api/v1/detection/detect?\(query)", as: .read, photo: FakePhoto(1))
    }
    for query in ["det_prob_threshold=0.8", "det_prob_threshold=0", "detect_faces=true"] {
      #expect(try detect(query)["result", 0, "box", "probability"] as? Double ?? 0 > 0.98, "\(query)")
    }
    #expect(try detect("det_prob_threshold=0.999").failure == "no-face")
    #expect(try detect("det_prob_threshold=1").failure == "no-face")
    #expect(try detect("detect_faces=false")["result", 0, "box", "probability"] as? Double == 1)
  }

  @Test("who has no key yet is told how the server is and what it takes", arguments: Fixture.Way.allCases)
  func status(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, keepThumbnails: true, limits: { $0.uploadBytes = 5_000 })
    func ask(_ path: String) throws -> [String: Any] {
      let reply = try fixture.send(.get, path, as: nil)
      #expect(reply.status == 200, "\(path)")
      return try reply.object
    }
    let state = try ask("/api/v1/consistence/status")
    #expect(state["status"] as? String == "OK" && state["saveImagesToDB"] as? Bool == true)
    #expect(
      state["dbIsInconsistent"] as? Bool == false
        && state["demoFaceCollectionIsInconsistent"] as? Bool == false)
    let limits = try ask("/api/v1/config")
    #expect(limits["clientMaxFileSize"] as? Int == 5_000 && limits["clientMaxBodySize"] as? Int == 5_000)
    for path in ["/healthcheck", "/core/healthcheck", "/admin/status"] {
      #expect(try ask(path) as? [String: String] == ["status": "OK"])
    }
    for path in ["/status", "/core/status"] {
      let core = try ask(path)
      #expect(core["status"] as? String == "OK")
      let plugins = try #require(core["available_plugins"] as? [String: String])
      #expect(plugins.keys.sorted() == ["calculator", "detector", "landmarks", "pose"])
      #expect(core["calculator_version"] as? String == plugins["calculator"])
    }
    // A gallery that cannot be changed any more is not ready.
    try FileManager.default.moveItem(at: fixture.folder, to: fixture.folder.appendingPathExtension("moved"))
    defer { try? FileManager.default.removeItem(at: fixture.folder.appendingPathExtension("moved")) }
    #expect(try ask("/api/v1/consistence/status")["status"] as? String == "NOT_READY")
    #expect(try ask("/core/status")["status"] as? String == "NOT_READY")
    #expect(try ask("/healthcheck")["status"] as? String == "OK")
  }

  @Test(
    "a photo comes in every format that is read",
    arguments: [
      "jpeg-444.jpg", "png-rgb.png", "webp-lossless.webp", "gif.gif", "bmp-24.bmp", "tiff-rgb.tif",
      "ico-32.ico", "heic.heic",
      "avif.avif",
    ])
  func formats(_ name: String) throws {
    let fixture = try Fixture()
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ImagingTests/Fixtures/\(name)")
    let photo = [UInt8](try Data(contentsOf: file))
    // What the engine takes for faces on the picture is of no account: it was shown it.
    let shown = [nil, "no-face", "several-faces"]
    for target in ["\(Self.root)/recognize", "\(Self.root)/faces?subject=Ada", "/api/v1/detection/detect"] {
      #expect(shown.contains(try fixture.send(.post, target, files: ["file": photo]).failure), "\(target)")
      let base64 = try fixture.send(.post, target, json: ["file": Data(photo).base64EncodedString()])
      #expect(shown.contains(base64.failure), "\(target)")
    }
    #expect(try fixture.send(.post, "/api/v1/query", files: ["file": photo]).status == 200)
    let cut = try fixture.send(.post, "\(Self.root)/recognize", files: ["file": Array(photo.prefix(20))])
    #expect(cut.failure == "unreadable-photo")
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
