import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: questions") struct QueryRouteTests {
  @Test("a photo gets an answer a face, and strangers stay unknown", arguments: Fixture.Way.allCases)
  func photo(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    let reply = try fixture.send(.post, "/api/v1/query?k=2", photo: FakePhoto(1, 9))
    #expect(reply.status == 200)
    #expect(reply["faces", 0, "answer", "known"] as? Bool == true)
    #expect(reply["faces", 0, "answer", "candidates", 0, "name"] as? String == "Person 1")
    #expect((reply["faces", 0, "answer", "candidates"] as? [Any])?.count == 2)
    #expect(reply["faces", 0, "answer", "candidates", 0, "probability"] as? Double ?? 0 > 0.9)
    #expect(reply["faces", 0, "detection", "box", "width"] as? Int == 8)
    #expect(reply["faces", 0, "embedding"] == nil)
    #expect(reply["faces", 1, "answer", "known"] as? Bool == false)
    let with = try fixture.send(
      .post, "/api/v1/query?embedding=true&max_faces=1", photo: FakePhoto(1, 9))
    #expect((with["faces"] as? [Any])?.count == 1)
    #expect((with["faces", 0, "embedding"] as? [Any])?.count == 16)
  }

  @Test(
    "a name is given once on a photo, unless twice is allowed, in both APIs", arguments: Fixture.Way.allCases)
  func nameOnce(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    let photo = try FakePhoto([(1, 5), (1, 0), (2, 0)]).png()
    let once = try fixture.send(.post, "/api/v1/query", files: ["file": photo])
    #expect(once.status == 200)
    #expect((0..<3).map { once["faces", $0, "answer", "known"] as? Bool } == [false, true, true])
    #expect(once["faces", 0, "answer", "ambiguous"] as? Bool == true)
    #expect(once["faces", 0, "answer", "names", 0] as? String == "Person 1")
    #expect(once["faces", 0, "answer", "better_face"] as? Int == 1)
    #expect(once["faces", 0, "answer", "candidates", 0, "probability"] as? Double ?? 1 < 0.5)
    #expect(once["faces", 1, "answer", "better_face"] == nil)
    let twice = try fixture.send(.post, "/api/v1/query?same_name_twice=true", files: ["file": photo])
    #expect((0..<3).allSatisfy { twice["faces", $0, "answer", "known"] as? Bool == true })

    // CompreFace's clients take 0.5 and more for the person.
    let path = "/api/v1/recognition/recognize"
    let theirs = try fixture.send(.post, path, files: ["file": photo])
    #expect((0..<3).map { theirs["result", $0, "known"] as? Bool } == [false, true, true])
    #expect(theirs["result", 0, "better_face"] as? Int == 1 && theirs["result", 2, "better_face"] == nil)
    let similarities = (0..<3).map { theirs["result", $0, "subjects", 0, "similarity"] as? Double ?? -1 }
    #expect((0..<0.5).contains(similarities[0]) && similarities[1] >= 0.5 && similarities[2] >= 0.5)
    #expect(theirs["result", 0, "subjects", 0, "subject"] as? String == "Person 1")
    let all = try fixture.send(.post, path + "?same_name_twice=true", files: ["file": photo])
    #expect((0..<3).allSatisfy { all["result", $0, "subjects", 0, "similarity"] as? Double ?? 0 >= 0.5 })
  }

  @Test("a cut photo is looked at with a remark, and enrolled when that is wanted")
  func damage() throws {
    let fixture = try Fixture(people: 1)
    // Black is a face for the engine, wherever the picture is read from.
    let whole = [UInt8](try RGBImage(width: 256, height: 256, red: 0, green: 0, blue: 0).jpegData())
    let cut = ["file": Array(whole.dropLast(20))]
    for path in ["query?", "recognition/recognize?limit=1&", "detection/detect?limit=1&"] {
      let reply = try fixture.send(.post, "/api/v1/\(path)", files: cut)
      #expect(reply.status == 200, "\(path)")
      #expect((reply["remarks"] as? [String])?.count == 1, "\(path)")
      #expect(try fixture.send(.post, "/api/v1/\(path)", files: ["file": whole])["remarks"] == nil)
    }
    let endless = ["file": Array(whole.dropLast(2))]
    #expect(try (fixture.send(.post, "/api/v1/query", files: endless)["remarks"] as? [String])?.count == 1)
    let verify = try fixture.send(
      .post, "/api/v1/verification/verify", files: ["source_image": cut["file"]!, "target_image": whole])
    #expect((verify["result", 0, "remarks"] as? [String])?.count == 1)

    let enrol = "/api/v1/enrol?name=Ada&several_faces=largest&any_quality=true"
    let refused = try fixture.send(.post, enrol, files: cut)
    #expect(refused.status == 400 && refused["error"] as? String == "damaged")
    let added = try fixture.send(.post, enrol + "&allow_damaged=true", files: cut)
    #expect(added.status == 201 && (added["remarks"] as? [String])?.count == 1)
    #expect(try fixture.send(.post, "/api/v1/recognition/faces?subject=Eve", files: cut).status == 400)
  }

  @Test("a photo may come as base64, and be without a face")
  func base64() throws {
    let fixture = try Fixture(people: 1)
    let photo = Data(try FakePhoto().png()).base64EncodedString()
    let reply = try fixture.send(.post, "/api/v1/query", text: #"{"file": "\#(photo)"}"#)
    #expect(reply.status == 200)
    #expect((reply["faces"] as? [Any])?.isEmpty == true)
  }

  @Test(
    "embeddings are answered in their order, as the library answers them", arguments: Fixture.Way.allCases)
  func search(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 5)
    let probes = try [3, 0, 4].map { try FakeEngine.embedding(person: $0, face: 1) }
    let vectors = try probes.map { try json($0) }.joined(separator: ",")
    let reply = try fixture.send(.post, "/api/v1/search", text: #"{"embeddings": [\#(vectors)], "k": 3}"#)
    #expect(reply.status == 200)
    #expect((reply["answers"] as? [Any])?.count == 3)
    for (place, probe) in probes.enumerated() {
      let answer = try fixture.gallery.query(probe, options: QueryOptions(k: 3))
      #expect(reply["answers", place, "candidates", 0, "name"] as? String == answer.candidates[0].name)
      #expect((reply["answers", place, "candidates"] as? [Any])?.count == answer.candidates.count)
      let similarity = (reply["answers", place, "candidates", 0, "similarity"] as? NSNumber)?.floatValue
      #expect(similarity == answer.candidates[0].similarity)
    }
  }

  @Test("faces rather than people, a threshold of one's own, and the exact way")
  func options() throws {
    let fixture = try Fixture(people: 3, each: 4)
    let probe = try json(FakeEngine.embedding(person: 1, face: 0))
    let reply = try fixture.send(
      .post, "/api/v1/search",
      text:
        #"{"embeddings": [\#(probe)], "k": 4, "group_by": "face", "threshold": 1, "exact": true, "ef": null}"#
    )
    #expect(reply.status == 200)
    let names = (reply["answers", 0, "candidates"] as? [[String: Any]])?.map { $0["name"] as? String }
    #expect(names == Array(repeating: "Person 1", count: 4))
    #expect(reply["answers", 0, "threshold"] as? Double == 1)
    #expect((reply["answers", 0, "plan"] as? String)?.hasPrefix("exact") == true)
  }

  @Test(
    "what cannot be searched for is refused with a word",
    arguments: [
      (#"{}"#, "bad-json"), (#"{"embeddings": []}"#, "bad-parameter"),
      (#"{"embeddings": [[1, 2]]}"#, "invalid-embedding"), (#"{"embeddings": [[]]}"#, "invalid-embedding"),
      (#"{"embeddings": [[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]]}"#, "invalid-embedding"),
      (#"{"embeddings": [[1]], "k": 0}"#, "bad-parameter"),
      (#"{"embeddings": [[1]], "k": 1001}"#, "bad-parameter"),
      (#"{"embeddings": [[1]], "threshold": 2}"#, "bad-parameter"),
      (#"{"embeddings": [[1]], "ef": 0}"#, "bad-parameter"),
      (#"{"embeddings": [[1]], "group_by": "age"}"#, "bad-json"), (#"{"embeddings": [["a"]]}"#, "bad-json"),
      (#"{"embeddings": "#, "bad-json"), (#"[1]"#, "bad-json"),
    ])
  func refusals(body: String, word: String) throws {
    let fixture = try Fixture(people: 1)
    let reply = try fixture.send(.post, "/api/v1/search", text: body)
    #expect(reply.status == 400)
    #expect(reply.failure == word)
    #expect((reply["message"] as? String)?.isEmpty == false)
  }

  @Test(
    "parameters of a query by photo are checked",
    arguments: [
      "k=0", "k=x", "group_by=age", "threshold=2", "exact=maybe", "max_faces=0", "upsampling=9", "ef=0",
    ])
  func parameters(query: String) throws {
    let fixture = try Fixture(people: 1)
    let reply = try fixture.send(.post, "/api/v1/query?\(query)", photo: FakePhoto(0))
    #expect(reply.status == 400)
    #expect(reply.failure == "bad-parameter")
  }

  @Test("what is no photo is refused")
  func noPhoto() throws {
    let fixture = try Fixture(people: 1)
    #expect(
      try fixture.send(.post, "/api/v1/query", files: ["file": Array("x".utf8)]).failure == "unreadable-photo"
    )
    #expect(try fixture.send(.post, "/api/v1/query", text: "{}").failure == "photo-missing")
  }
}
