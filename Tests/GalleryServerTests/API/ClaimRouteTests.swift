import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Whether a photo shows a certain person, and pictures of candidates") struct ClaimRouteTests {
  @Test("the person is told from everybody else, as a query tells them", arguments: Fixture.Way.allCases)
  func verify(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 4)
    let photo = FakePhoto(1)
    for person in 1...4 {
      let reply = try fixture.send(.post, "/api/v1/people/\(person)/verify", as: .read, photo: photo)
      #expect(reply.status == 200)
      #expect(reply["same_person"] as? Bool == (person == 2))
      #expect(reply["person", "name"] as? String == "Person \(person - 1)")
      // The same figures as the query's, which looks for the person among all.
      let query = try fixture.send(.post, "/api/v1/query?k=4", photo: photo)
      let candidates = try #require(query["faces", 0, "answer", "candidates"] as? [[String: Any]])
      let candidate = try #require(candidates.first { $0["person"] as? Int == person })
      let similarity = try #require(reply["faces", 0, "similarity"] as? Double)
      #expect(abs(similarity - (candidate["similarity"] as? Double ?? 2)) < 1e-6)
      #expect(reply["faces", 0, "face"] as? Int == candidate["face"] as? Int)
      let probability = try #require(reply["faces", 0, "probability"] as? Double)
      #expect((probability >= 0.5) == (person == 2))
      let threshold = try #require(reply["faces", 0, "threshold"] as? Double)
      #expect((similarity >= threshold) == (person == 2))
    }
  }

  @Test("each face is answered, by the threshold that was given", arguments: Fixture.Way.allCases)
  func faces(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    let path = "/api/v1/people/2/verify"
    let group = try fixture.send(.post, path, photo: FakePhoto(0, 1, 2))
    #expect((0..<3).map { group["faces", $0, "same_person"] as? Bool } == [false, true, false])
    #expect(group["same_person"] as? Bool == true)
    let strict = try fixture.send(.post, path + "?threshold=1", files: ["file": FakePhoto([(1, 9)]).png()])
    #expect(strict["same_person"] as? Bool == false && strict["faces", 0, "threshold"] as? Double == 1)
    let lax = try fixture.send(.post, path + "?threshold=-1", photo: FakePhoto(0))
    #expect(lax["same_person"] as? Bool == true)
    let alone = try fixture.send(.post, path + "?best=1", files: ["file": FakePhoto([(1, 1)]).png()])
    #expect(alone["faces", 0, "faces_compared"] as? Int == 1)
    #expect(abs((alone["faces", 0, "similarity"] as? Double ?? 0) - 1) < 1e-6)
    // The second face of the person is the same as the photo's.
    #expect(alone["faces", 0, "face"] as? Int == 4)
  }

  @Test("nobody, somebody without faces, and a photo without a face are told apart")
  func refusals() throws {
    let fixture = try Fixture(people: 1)
    _ = try fixture.gallery.addPerson(named: "Nemo")
    func failure(_ person: Int, _ photo: FakePhoto) throws -> String? {
      try fixture.send(.post, "/api/v1/people/\(person)/verify", photo: photo).failure
    }
    #expect(try failure(9, FakePhoto(0)) == "no-such-subject")
    #expect(try failure(2, FakePhoto(0)) == "no-such-image")
    #expect(try failure(1, FakePhoto()) == "no-face")
    #expect(
      try fixture.send(.post, "/api/v1/people/1/verify?best=0", photo: FakePhoto(0)).failure
        == "bad-parameter")
    #expect(try fixture.send(.post, "/api/v1/people/1/verify", as: nil, photo: FakePhoto(0)).status == 401)
  }

  @Test("CompreFace's shape for a subject: 0.5 divides", arguments: Fixture.Way.allCases)
  func subject(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3, keepThumbnails: true)
    _ = try fixture.send(.post, "/api/v1/enrol?name=Zoe", photo: FakePhoto(7))
    func verify(_ subject: String) throws -> HTTPResponse {
      try fixture.send(
        .post, "/api/v1/recognition/subjects/\(subject)/verify?face_plugins=landmarks", as: .read,
        photo: FakePhoto(7, 1))
    }
    let zoe = try verify("Zoe")
    #expect(zoe.status == 200)
    #expect((0..<2).map { zoe["result", $0, "same_person"] as? Bool } == [true, false])
    let similarities = (0..<2).map { zoe["result", $0, "similarity"] as? Double ?? -1 }
    #expect(similarities[0] >= 0.5 && (0..<0.5).contains(similarities[1]))
    #expect(zoe["result", 0, "landmarks"] != nil)
    let address = try #require(zoe["result", 0, "image_url"] as? String)
    #expect(try fixture.send(.get, address, as: .read).body.starts(with: [0xFF, 0xD8]))
    let person = try verify("person%20%201")
    #expect((0..<2).map { person["result", $0, "same_person"] as? Bool } == [false, true])
    #expect(person["result", 0, "image_id"] != nil && person["result", 0, "image_url"] == nil)
    #expect(try verify("Nobody").status == 404)
  }

  @Test("a candidate has the path of its picture when one is kept", arguments: Fixture.Way.allCases)
  func pictures(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 2, keepThumbnails: true)
    _ = try fixture.send(.post, "/api/v1/enrol?name=Zoe", photo: FakePhoto(7))
    let reply = try fixture.send(.post, "/api/v1/query", as: .read, photo: FakePhoto(7))
    let candidates = try #require(reply["faces", 0, "answer", "candidates"] as? [[String: Any]])
    #expect(candidates.map { $0["thumbnail"] != nil } == [true, false, false])
    let path = try #require(candidates[0]["thumbnail"] as? String)
    #expect(path == "/api/v1/faces/5/thumbnail")
    #expect(try fixture.send(.get, path, as: .read).body.starts(with: [0xFF, 0xD8]))
    #expect(try fixture.send(.get, path, as: nil).status == 401)
    let probe = try json(FakeEngine.embedding(person: 7, face: 0))
    let search = try fixture.send(.post, "/api/v1/search", text: #"{"embeddings": [\#(probe)]}"#)
    #expect(search["answers", 0, "candidates", 0, "thumbnail"] as? String == path)
    let theirs = try fixture.send(
      .post, "/api/v1/recognition/recognize?prediction_count=2", photo: FakePhoto(7))
    let address = try #require(theirs["result", 0, "subjects", 0, "image_url"] as? String)
    #expect(try fixture.send(.get, address, as: .read).body == fixture.send(.get, path).body)
    #expect(theirs["result", 0, "subjects", 1, "image_url"] == nil)
  }
}
