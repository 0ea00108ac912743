import FaceGallery
import Foundation
import Testing

@testable import GalleryServer

/// A service in memory or behind a socket, with a gallery of its own and an engine for pictures that say what is on them.
final class ServiceFixture {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "service-\(UUID().uuidString)", directoryHint: .isDirectory)
  let gallery: Gallery
  let service: GalleryService
  private let server: HTTPServer?

  init(
    _ way: Fixture.Way = .memory, people: Int = 0, each: Int = 2,
    change: (inout ServiceSettings) -> Void = { _ in }
  ) throws {
    gallery = try Gallery.open(at: folder.appending(path: "gallery"), engine: PictureEngine())
    for person in 0..<people {
      _ = try gallery.add(
        (0..<each).map { (PictureEngine.name(person), try PictureEngine.embedding(person: person, face: $0)) }
      )
    }
    var settings = ServiceSettings()
    settings.needsKeys = false
    settings.keepPhotos = true
    change(&settings)
    service = GalleryService(
      galleries: [try ServedGallery(gallery, name: "test")], settings: settings)
    var place = ServerSettings()
    place.port = 0
    server = way == .socket ? try HTTPServer(service, place) : nil
  }

  deinit {
    _ = server?.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Where the service listens; nil in memory.
  var port: Int? { server?.port }

  /// The reply to a request.
  func send(
    _ method: HTTPMethod, _ target: String, json: String? = nil, photo: Data? = nil, key: String? = nil
  ) throws -> Reply {
    var request = HTTPRequest(method, target)
    if let key { request.headers["x-api-key"] = key }
    if let json {
      request.headers["Content-Type"] = "application/json"
      request.body = Data(json.utf8)
    }
    if let photo {
      request.headers["Content-Type"] = "multipart/form-data; boundary=edge"
      request.body =
        Data("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".utf8)
        + photo
        + Data("\r\n--edge--\r\n".utf8)
    }
    guard let server else { return Reply(service.answer(request)) }
    return Reply(
      try SocketClient(port: server.port).send(
        method.rawValue, target, headers: request.headers, body: request.body))
  }

  /// A vector as JSON.
  func text(_ embedding: Embedding) throws -> String {
    String(decoding: try JSONEncoder().encode(embedding.values), as: UTF8.self)
  }
}

/// A reply, and its JSON by names and places: `reply["faces", 0, "answer"]`.
struct Reply {
  let response: HTTPResponse
  let json: Any?

  init(_ response: HTTPResponse) {
    self.response = response
    json = try? JSONSerialization.jsonObject(with: response.body)
  }

  var status: Int { response.status }
  var error: String? { self["error"] as? String }

  subscript(_ path: Any...) -> Any? {
    path.reduce(json) { value, step in
      if let name = step as? String { return (value as? [String: Any])?[name] }
      guard let place = step as? Int, let list = value as? [Any], list.indices.contains(place) else {
        return nil
      }
      return list[place]
    }
  }

  func number(_ path: Any...) -> Int? {
    (path.reduce(json) { value, step in
      if let name = step as? String { return (value as? [String: Any])?[name] }
      guard let place = step as? Int, let list = value as? [Any], list.indices.contains(place) else {
        return nil
      }
      return list[place]
    } as? NSNumber)?.intValue
  }
}

/// An engine for pictures whose first row lists the people on them: red is the person, green 255 ends the list.
struct PictureEngine: EmbeddingEngine {
  let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "0123", preprocessing: "none", normalization: "unit length",
    dimension: 16)
  let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-2, threshold: 0.7), .init(falseMatchRate: 1e-4, threshold: 0.8),
      .init(falseMatchRate: 1e-6, threshold: 0.9),
    ], slope: 20, offset: -15)
  let concurrency = 1

  static func name(_ person: Int) -> String { "Person \(person)" }

  /// One direction a person, a little off for each face.
  static func embedding(person: Int, face: Int) throws(EngineError) -> Embedding {
    var state = UInt64(person + 1) &* 0x9E37_79B9_7F4A_7C15
    var values = (0..<16).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Float(state >> 40) / Float(1 << 23) - 1
    }
    values[face % 16] += 0.1 * Float(face)
    return try Embedding(normalizing: values)
  }

  /// A PNG file with these people on it.
  static func photo(_ people: Int...) throws -> Data {
    var image = RGBImage(width: 32, height: 32, red: 0, green: 255, blue: 0)
    for (place, person) in people.enumerated() { image[place, 0] = (UInt8(person), 0, 0) }
    return Data(try image.pngData())
  }

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    var faces: [Face] = []
    for place in 0..<image.width {
      let pixel = image[place, 0]
      guard pixel.green == 0 else { break }
      let quality = FaceQuality(size: 100, sharpness: 0.4, yaw: 0, roll: 0, detectorScore: 1)
      faces.append(
        Face(
          detection: DetectedFace(
            box: PixelRect(x: place, y: 0, width: 8, height: 8),
            landmarks: (0..<5).map { PixelPoint(x: Double($0), y: 1) }, quality: quality),
          embedding: try Self.embedding(person: Int(pixel.red), face: 0)))
    }
    return Array(faces.prefix(options.maxFaces ?? .max))
  }
}
