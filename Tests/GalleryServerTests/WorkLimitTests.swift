import FaceGallery
import Foundation
import HTTPTestSupport
import Synchronization
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Work of one request")
struct WorkLimitTests {
  private func vectors(_ count: Int) throws -> String {
    let vector = try json(FakeEngine.embedding(person: 1, face: 0))
    return Array(repeating: vector, count: count).joined(separator: ",")
  }

  @Test("a search with more candidates or steps than a request may have is refused, and names the parameters")
  func candidates() throws {
    let fixture = try Fixture(people: 2)
    func search(_ count: Int, _ rest: String) throws -> HTTPResponse {
      try fixture.send(.post, "/api/v1/search", text: "{\"embeddings\": [\(vectors(count))], \(rest)}")
    }
    #expect(try search(1_000, "\"k\": 100").status == 200)
    #expect(try search(1, "\"k\": 1000, \"ef\": 10000, \"exact\": true").status == 200)
    for rest in ["\"k\": 101", "\"ef\": 1001"] {
      let reply = try search(1_000, rest)
      #expect(reply.status == 400 && reply.failure == "bad-parameter")
      let message = reply["message"] as? String ?? ""
      #expect(message.contains("embeddings") && message.contains(rest.contains("k") ? "(k)" : "(ef)"))
    }
    let path = "/api/v1/recognition/embeddings/recognize?prediction_count="
    let body = "{\"embeddings\": [\(try vectors(101))]}"
    #expect(try fixture.send(.post, path + "990", text: body).status == 200)
    let reply = try fixture.send(.post, path + "1000", text: body)
    #expect(reply.status == 400 && (reply["message"] as? String)?.contains("prediction_count") == true)
  }

  @Test("comparisons with every face are limited by the size of the gallery")
  func comparisons() throws {
    let fixture = try Fixture(people: 2, each: 1)
    let work = SearchWork(probes: 50_000_001, noun: "embeddings", count: "k")
    let failure = #expect(throws: HTTPFailure.self) {
      try work.check(QueryOptions(k: 1, plan: .exact), in: fixture.gallery)
    }
    #expect(failure?.message.contains("exact") == true && failure?.status == 400)
  }

  @Test("faces of a photo times candidates are limited before the faces are embedded")
  func faces() throws {
    let fixture = try Fixture(people: 2)
    var image = RGBImage(width: 120, height: 8, red: 0, green: 255, blue: 0)
    for place in 0..<101 { image[place, 0] = (1, FakePhoto.face, 0) }
    let files = ["file": [UInt8](try image.pngData())]
    for (path, names) in [
      ("/api/v1/query?k=1000", ["max_faces", "k"]),
      ("/api/v1/recognition/recognize?prediction_count=1000", ["limit", "prediction_count"]),
    ] {
      let reply = try fixture.send(.post, path, files: files)
      #expect(reply.status == 400 && reply.failure == "bad-parameter")
      let message = reply["message"] as? String ?? ""
      #expect(names.allSatisfy(message.contains), "\(message)")
    }
    #expect(try fixture.send(.post, "/api/v1/query?k=1000&max_faces=100", files: files).status == 200)
  }

  @Test("large replies count against the bytes that are held, until they are sent")
  func replies() throws {
    let fixture = try Fixture(
      people: 10, each: 10,
      limits: { limits in
        limits.uploadBytes = 100_000
        limits.bodyBytesInFlight = 200_000
      })
    func search(_ count: Int) throws -> HTTPResponse {
      try fixture.send(
        .post, "/api/v1/search",
        text: "{\"embeddings\": [\(vectors(count))], \"k\": 100, \"group_by\": \"face\"}")
    }
    let small = try search(8)
    #expect(small.status == 200 && small.body.count > 64 << 10)
    let large = try search(100)
    #expect(large.status == 503 && large.failure == "overloaded" && large.headers["Retry-After"] != nil)
    #expect(fixture.service.occupancy.current.bytes == 0)
  }

  /// What a query by a photo of 400 × 200 pixels is said to take.
  private func memory(_ query: String) throws -> Int {
    let fixture = try Fixture(people: 1)
    let photo = try RGBImage(width: 400, height: 200, red: 0, green: 255, blue: 0).pngData()
    let headers: HTTPHeaders = [
      "x-api-key": fixture.key(.read), "Content-Type": "image/png", "Host": "localhost",
    ]
    let body = Data("{\"file\": \"\(photo.base64EncodedString())\"}".utf8)
    var json = headers
    json["Content-Type"] = "application/json"
    let request = HTTPRequest(.post, "/api/v1/query\(query)", headers: json, body: body)
    guard case .accepted(let accepted) = fixture.service.admit(request) else {
      Issue.record("not accepted")
      return 0
    }
    return accepted.memory(for: request)
  }

  @Test("a photo weighs what is searched of it: enlarged, or larger than usual")
  func weight() throws {
    let (pixels, usual) = (400 * 200, try memory(""))
    #expect(usual == 8 * pixels)
    #expect(try memory("?max_faces=1&min_score=0") == usual)
    #expect(try memory("?upsampling=1") >= usual + 4 * 44 * pixels)
    #expect(try memory("?search_side=65536") >= usual + 44 * pixels)
    #expect(try memory("?upsampling=1&detect_faces=false") == usual)
  }

  @Test("a photo that takes more memory than there is for photos is refused before it is decoded")
  func memoryLimit() throws {
    let looks = Atomic(0)
    let fixture = try Fixture(
      people: 1, hook: { looks.add(1, ordering: .relaxed) }, photoMemory: 1_000_000)
    let photo = [UInt8](try RGBImage(width: 400, height: 200, red: 0, green: 255, blue: 0).pngData())
    for path in ["query?search_side=65536", "enrol?name=Ada&search_side=65536"] {
      let reply = try fixture.send(.post, "/api/v1/\(path)", files: ["file": photo])
      #expect(reply.status == 413 && reply.failure == "too-large", "\(path)")
      #expect((reply["message"] as? String)?.contains("search_side") == true)
    }
    #expect(looks.load(ordering: .relaxed) == 0)
    #expect(try fixture.send(.post, "/api/v1/query", files: ["file": photo]).failure != "too-large")
    // One that no limit of pixels lets through is a bad request.
    var header = Data(photo)
    header.replaceSubrange(16..<24, with: [0, 0, 0x9C, 0x40, 0, 0, 0x9C, 0x40])
    let large = try fixture.send(.post, "/api/v1/query", files: ["file": [UInt8](header)])
    #expect(large.status == 400 && large.failure == "unreadable-photo")
    // Each photo of a batch by itself.
    let batch = try fixture.send(
      .post, "/api/v1/query/batch?search_side=65536",
      text: #"{"files": ["\#(Data(photo).base64EncodedString())", "\#(Data(photo).base64EncodedString())"]}"#)
    #expect(batch.status == 200 && String(decoding: batch.body, as: UTF8.self).contains("too-large"))
  }

  @Test("a photo that would be searched larger than the engine can is refused before it is decoded")
  func size() throws {
    let looks = Atomic(0)
    let fixture = try Fixture(people: 1, hook: { looks.add(1, ordering: .relaxed) })
    let photo = try RGBImage(width: 400, height: 200, red: 0, green: 255, blue: 0).pngData()
    let files = ["file": [UInt8](photo)]
    for path in ["query?upsampling=2", "enrol?name=Ada&upsampling=2&search_side=65536"] {
      let reply = try fixture.send(.post, "/api/v1/\(path)", files: files)
      #expect(reply.status == 400 && reply.failure == "bad-parameter", "\(path)")
      #expect((reply["message"] as? String)?.contains("upsampling") == true)
    }
    #expect(looks.load(ordering: .relaxed) == 0)
  }
}
