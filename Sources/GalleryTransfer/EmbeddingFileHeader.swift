internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// What a file of embeddings says about all of them.
struct EmbeddingFileHeader {
  static let format = "facegallery"
  static let version = 1

  var rows: Int?
  var dimension: Int?
  var fingerprint: EngineFingerprint?
  var operatingPoint: OperatingPoint?
  /// SHA-256 of the array whose rows the file names, all bytes of it, in hexadecimal: tells that both are of one export.
  var arrayDigest: String?
  /// Whether the file says that this program wrote it.
  var isOurs = false
  /// The members that were read.
  private var seen: Set<String> = []

  init(rows: Int? = nil, dimension: Int? = nil) {
    self.rows = rows
    self.dimension = dimension
  }

  /// The fields as members of a JSON object, without its braces.
  func members() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    var members = ["\"format\":\"\(Self.format)\"", "\"version\":\(Self.version)"]
    if let rows { members.append("\"rows\":\(rows)") }
    if let dimension { members.append("\"dimension\":\(dimension)") }
    if let fingerprint { members.append("\"fingerprint\":\(try text(fingerprint))") }
    if let arrayDigest { members.append(Self.member(arrayDigest: arrayDigest)) }
    if let operatingPoint { members.append("\"operatingPoint\":\(try text(operatingPoint))") }
    return members.joined(separator: ",")
  }

  /// The member that ties a file to its array.
  static func member(arrayDigest: String) -> String { "\"arraySHA256\":\"\(arrayDigest)\"" }

  /// Takes a member of a JSON object if it is one of the header's.
  ///
  /// - Returns: False when it is none; then its value has not been read.
  mutating func take(_ key: String, _ scanner: inout JSONScanner, of file: MappedFile) throws -> Bool {
    guard !seen.contains(key) else { throw scanner.malformed("“\(key)” is there twice") }
    switch key {
    case "format": isOurs = try scanner.string() == Self.format
    case "version":
      let version: Int = try scanner.integer()
      guard version <= Self.version else {
        throw file.error(
          .newerVersion, "it is of version \(version), and version \(Self.version) is read here")
      }
    case "arraySHA256": arrayDigest = try scanner.string()
    case "rows": rows = try scanner.integer()
    case "dimension": dimension = try scanner.integer()
    case "fingerprint": fingerprint = try decoded(try scanner.skip(), key, file)
    case "operatingPoint": operatingPoint = try decoded(try scanner.skip(), key, file)
    default: return false
    }
    seen.insert(key)
    return true
  }

  /// Reads a header that is a file of its own, such as `NAME.engine.json`.
  init(contentsOf file: MappedFile) throws {
    var scanner = JSONScanner(file.bytes)
    do {
      try scanner.object { key, scanner in
        if try !take(key, &scanner, of: file) { try scanner.skip() }
      }
      try scanner.finish()
    } catch let error as JSONScanner.Malformed {
      throw file.error(error)
    }
  }

  private func decoded<Value: Decodable>(_ range: Range<Int>, _ key: String, _ file: MappedFile) throws
    -> Value
  {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(file.bytes[range]))
    } catch {
      throw file.error(.unreadableFile, "“\(key)” is not what this program writes")
    }
  }
}
