import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: several photos in a request") struct BatchRouteTests {
  private static func form(_ photos: [(name: String?, bytes: [UInt8])]) -> Data {
    var body = Data()
    for (name, bytes) in photos {
      let file = name.map { "; filename=\"\($0)\"" } ?? ""
      body += Data("--frontier\r\nContent-Disposition: form-data; name=\"files\"\(file)\r\n\r\n".utf8)
      body += Data(bytes) + Data("\r\n".utf8)
    }
    return body + Data("--frontier--\r\n".utf8)
  }

  private static let multipart: HTTPHeaders = ["Content-Type": "multipart/form-data; boundary=frontier"]

  /// JSON with its members in order, without what differs from request to request.
  private static func text(_ value: Any?) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: try #require(value), options: .sortedKeys)
    return String(decoding: data, as: UTF8.self)
  }

  @Test(
    "each photo is answered as alone, and a bad one costs the others nothing", arguments: Fixture.Way.allCases
  )
  func each(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 4)
    let photos: [(name: String?, bytes: [UInt8])] = [
      ("a.png", try FakePhoto(1).png()), ("b.png", Array("no photo".utf8)), (nil, try FakePhoto(2, 9).png()),
      ("empty.png", []), ("fails.png", try FakePhoto([], failsEngine: true).png()),
      ("nobody.png", try FakePhoto().png()), ("a.png", try FakePhoto(1).png()),
    ]
    let path = "/api/v1/query/batch?k=2"
    let reply = try fixture.send(.post, path, as: .read, headers: Self.multipart, body: Self.form(photos))
    #expect(reply.status == 200)
    let answers = try #require(reply["photos"] as? [[String: Any]])
    #expect(answers.map { $0["photo"] as? String } == photos.map(\.name))
    for (answer, photo) in zip(answers, photos) {
      guard !photo.bytes.isEmpty else {
        #expect((answer["failure"] as? [String: Any])?["error"] as? String == "photo-missing")
        continue
      }
      let alone = try fixture.send(.post, "/api/v1/query?k=2", files: ["file": photo.bytes])
      if alone.status == 200 {
        #expect(try Self.text(answer["faces"]) == Self.text(alone["faces"]))
        #expect(answer["failure"] == nil)
      } else {
        let failure = try #require(answer["failure"] as? [String: Any])
        #expect(failure["status"] as? Int == alone.status && failure["error"] as? String == alone.failure)
        #expect(failure["message"] as? String == alone["message"] as? String && answer["faces"] == nil)
      }
    }
    #expect(answers.map { $0["failure"] != nil } == [false, true, false, true, true, false, false])
  }

  @Test("photos come as base64, too, one of which cannot be decoded")
  func base64() throws {
    let fixture = try Fixture(people: 2)
    let photo = Data(try FakePhoto(1).png()).base64EncodedString()
    let reply = try fixture.send(
      .post, "/api/v1/query/batch", text: #"{"files": ["\#(photo)", "%%%", "\#(photo)"]}"#)
    #expect(reply.status == 200)
    let names = (0..<3).map { reply["photos", $0, "faces", 0, "answer", "name"] as? String }
    #expect(names == ["Person 1", nil, "Person 1"])
    #expect(reply.number("photos", 1, "failure", "status") == 400)
  }

  @Test("a parameter that is wrong is the whole request's, and so are too many photos and too large ones")
  func whole() throws {
    let fixture = try Fixture(people: 1, limits: { $0.uploadBytes = 20_000 })
    let photo = try FakePhoto(0).png()
    func send(_ query: String, _ photos: Int, of bytes: [UInt8]? = nil) throws -> HTTPResponse {
      try fixture.send(
        .post, "/api/v1/query/batch" + query, headers: Self.multipart,
        body: Self.form(Array(repeating: (nil, bytes ?? photo), count: photos)))
    }
    #expect(try send("?k=0", 2).failure == "bad-parameter")
    #expect(try send("?threshold=x", 2).failure == "bad-parameter")
    #expect(try send("", 64).status == 200)
    #expect(try send("", 65).status == 400)
    #expect(try send("", 3, of: [UInt8](repeating: 0, count: 9_000)).status == 413)
    #expect(
      try fixture.send(
        .post, "/api/v1/query/batch", as: nil, headers: Self.multipart, body: Self.form([(nil, photo)])
      ).status == 401)
  }
}
