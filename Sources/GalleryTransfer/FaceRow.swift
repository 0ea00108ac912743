internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// What a file of embeddings says about one of them; docs/embedding-files.md has the fields.
struct FaceRow: Equatable {
  /// The person's name as the file has it.
  var person = ""
  /// The face's number in the gallery that the file came from.
  var face: UInt64?
  /// Milliseconds since 1970.
  var added: Int64?
  var photo: PhotoDigest?
  var path: String?
  var detection: DetectedFace?
  /// What the face is tagged with.
  var tags: [String: String] = [:]
  /// What the person is tagged with.
  var personTags: [String: String] = [:]
  /// The beginning of the SHA-256 of the vector that the row describes, where that lies in another file; see ``digest(of:)``.
  var vectorDigest: String?

  /// What ties a row to its vector: 16 hexadecimal digits of the SHA-256 of the components as little-endian float32.
  static func digest(of vector: UnsafeRawBufferPointer) -> String {
    String(SHA256.hexadecimal(of: vector).prefix(16))
  }

  /// Appends the row as a JSON object without its closing brace, so that a vector can follow.
  func json(escapedPerson: String, into text: inout [UInt8]) {
    text.append(contentsOf: "{\"person\":\(escapedPerson)".utf8)
    if let face { text.append(contentsOf: ",\"face\":\(face)".utf8) }
    if let added { text.append(contentsOf: ",\"added\":\(added)".utf8) }
    if let photo { text.append(contentsOf: ",\"photo\":\"\(photo)\"".utf8) }
    if let path { text.append(contentsOf: ",\"path\":\(Self.quoted(path))".utf8) }
    if let detection {
      let (box, quality) = (detection.box, detection.quality)
      text.append(contentsOf: ",\"box\":[\(box.x),\(box.y),\(box.width),\(box.height)]".utf8)
      let points = detection.landmarks.map { "[\($0.x),\($0.y)]" }.joined(separator: ",")
      text.append(contentsOf: ",\"landmarks\":[\(points)]".utf8)
      if detection.scheme != .dlib5 {
        text.append(contentsOf: ",\"scheme\":\(Self.quoted(detection.scheme.rawValue))".utf8)
      }
      let numbers: [Float] = [
        Float(quality.size), quality.sharpness, quality.yaw, quality.roll, quality.detectorScore,
      ]
      text.append(contentsOf: ",\"quality\":[\(numbers.map(\.description).joined(separator: ","))]".utf8)
    }
    if !tags.isEmpty { text.append(contentsOf: ",\"tags\":\(Self.object(tags))".utf8) }
    if let vectorDigest { text.append(contentsOf: ",\"vectorSHA256\":\"\(vectorDigest)\"".utf8) }
    if !personTags.isEmpty { text.append(contentsOf: ",\"personTags\":\(Self.object(personTags))".utf8) }
  }

  /// Reads a row: an object, or only a name.
  ///
  /// - Parameter vector: Receives the components of a vector that is in the row.
  init(_ scanner: inout JSONScanner, vector: inout [Float]) throws {
    if scanner.peek() == 0x22 {
      person = try scanner.string()
      return
    }
    var name: String?
    var box: [Int] = []
    var landmarks: [PixelPoint] = []
    var scheme: String?
    var quality: [Float] = []
    var seen: Set<String> = []
    try scanner.object { key, scanner in
      if scanner.null() { return }
      // Which of two is meant nobody knows.
      guard !Self.members.contains(key) || seen.insert(key).inserted else {
        throw scanner.malformed("“\(key)” is there twice")
      }
      switch key {
      case "person", "name":
        let text = try scanner.string()
        guard name == nil || name == text else { throw scanner.malformed("“person” and “name” differ") }
        name = text
      case "vector", "embedding": try scanner.numbers(into: &vector)
      case "face": face = try scanner.integer()
      case "added": added = try scanner.integer()
      case "photo":
        guard let digest = PhotoDigest(hexadecimal: try scanner.string()) else {
          throw scanner.malformed("“photo” is no SHA-256 in hexadecimal")
        }
        photo = digest
      case "path": path = try scanner.string()
      case "vectorSHA256": vectorDigest = try scanner.string()
      case "tags": tags = try Self.texts(&scanner)
      case "personTags": personTags = try Self.texts(&scanner)
      case "box": try scanner.array { box.append(try $0.integer()) }
      case "landmarks":
        try scanner.array { scanner in
          var point: [Double] = []
          try scanner.array { point.append(try $0.number()) }
          guard point.count == 2 else { throw scanner.malformed("a landmark has two coordinates") }
          landmarks.append(PixelPoint(x: point[0], y: point[1]))
        }
      case "scheme": scheme = try scanner.string()
      case "quality": try scanner.numbers(into: &quality)
      default: try scanner.skip()
      }
    }
    guard let name else {
      throw scanner.malformed("“person” is missing; it is empty for a face that nobody has named")
    }
    person = name
    do throws(BadField) {
      detection = try Self.detection(box: box, landmarks: landmarks, scheme: scheme, quality: quality)
    } catch {
      throw scanner.malformed("“\(error.name)” \(error.problem)")
    }
  }

  /// The members that are read.
  private static let members: Set<String> = [
    "person", "name", "vector", "embedding", "face", "added", "photo", "path", "tags", "personTags", "box",
    "landmarks",
    "scheme", "quality", "vectorSHA256",
  ]

  init() {}

  /// A field that cannot be read.
  struct BadField: Error {
    let name: String
    var problem = "cannot be read"
  }

  /// A detection by its parts, when there is a box.
  ///
  /// - Parameter scheme: Which landmarks; nil is dlib's five.
  static func detection(
    box: [Int], landmarks: [PixelPoint], scheme: String?, quality: [Float]
  ) throws(BadField) -> DetectedFace? {
    guard !box.isEmpty else {
      for (name, isThere) in [("landmarks", !landmarks.isEmpty), ("quality", !quality.isEmpty)] where isThere
      {
        throw BadField(name: name, problem: "is of no use without a box")
      }
      return nil
    }
    guard box.count == 4 else { throw BadField(name: "box", problem: "has four numbers") }
    guard quality.isEmpty || quality.count == 5 else {
      throw BadField(name: "quality", problem: "has five numbers")
    }
    func figure(_ index: Int) -> Float { quality.isEmpty ? 0 : quality[index] }
    let rectangle = PixelRect(x: box[0], y: box[1], width: box[2], height: box[3])
    let size = quality.isEmpty ? nil : Int(exactly: figure(0).rounded())
    return DetectedFace(
      box: rectangle, landmarks: landmarks, scheme: scheme.map(LandmarkScheme.init(rawValue:)) ?? .dlib5,
      quality: FaceQuality(
        size: size ?? min(box[2], box[3]), sharpness: figure(1), yaw: figure(2), roll: figure(3),
        detectorScore: figure(4)))
  }

  /// Texts by their keys as JSON.
  static func object(_ texts: [String: String]) -> String {
    let members = texts.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
    return "{\(members.joined(separator: ","))}"
  }

  static func texts(_ scanner: inout JSONScanner) throws -> [String: String] {
    var texts: [String: String] = [:]
    try scanner.object { key, scanner in
      guard texts.updateValue(try scanner.string(), forKey: key) == nil else {
        throw scanner.malformed("“\(key)” is there twice")
      }
    }
    return texts
  }

  /// A text as JSON.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
