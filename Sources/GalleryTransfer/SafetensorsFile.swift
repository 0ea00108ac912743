internal import FaceEngine
internal import Foundation
internal import GalleryStore

/// The head of a safetensors file: where its tensors lie.
struct SafetensorsFile {
  /// Longer heads are refused, as the format's own readers do.
  private static let maximumHead = 100_000_000

  private struct Tensor {
    var type = ""
    var shape: [Int] = []
    var offsets: [Int] = []
  }

  /// The vectors: the tensor `vectors` or `embeddings`, else the only one of two dimensions.
  let vectors: VectorArray
  /// Where the tensor `records` lies: a JSON object a line for each vector.
  let records: Range<Int>?
  let header: EmbeddingFileHeader

  init(_ file: MappedFile) throws {
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw file.error(.truncatedFile, "it ends within its header; copy it again")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.maximumHead, bytes.count > 8, bytes[8] == 0x7B else {
      throw file.error(.unreadableFile, "it is no safetensors file")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw file.error(.truncatedFile, "it ends within its header; copy it again")
    }
    var tensors: [String: Tensor] = [:]
    var header = EmbeddingFileHeader()
    var scanner = JSONScanner(bytes, from: 8, to: start)
    do {
      try scanner.object { name, scanner in
        if name == "__metadata__" {
          try scanner.object { key, scanner in
            let text = try scanner.string()
            try Self.take(key, text, into: &header, file)
          }
        } else {
          tensors[name] = try Self.tensor(&scanner)
        }
      }
    } catch let error as JSONScanner.Malformed {
      throw file.error(.unreadableFile, "its header cannot be read: \(error.what)")
    }
    let flat = tensors.filter { $0.value.shape.count == 2 }
    guard
      let found = tensors["vectors"] ?? tensors["embeddings"] ?? (flat.count == 1 ? flat.first?.value : nil)
    else {
      throw file.error(.wrongShape, "it has no tensor “vectors” of two dimensions, rows and columns")
    }
    let element: VectorArray.Element
    switch found.type {
    case "F32": element = .float32
    case "F64": element = .float64
    default: throw file.error(.wrongShape, "its vectors are of type \(found.type) and must be F32 or F64")
    }
    vectors = try VectorArray(
      file, from: start + (found.offsets.first ?? 0), shape: found.shape, element: element)
    guard found.offsets.count == 2, found.offsets[0] >= 0,
      found.offsets[1] - found.offsets[0] == vectors.rows * vectors.columns * element.rawValue
    else { throw file.error(.wrongShape, "the bytes of its vectors are not what their shape needs") }
    records = try tensors["records"].map { tensor in
      guard tensor.type == "U8", tensor.offsets.count == 2, 0 <= tensor.offsets[0],
        tensor.offsets[0] <= tensor.offsets[1]
      else { throw file.error(.wrongShape, "its tensor “records” is not of bytes") }
      guard start + tensor.offsets[1] <= bytes.count else {
        throw file.error(.truncatedFile, "its tensor “records” is cut off; copy it again")
      }
      return start + tensor.offsets[0]..<start + tensor.offsets[1]
    }
    header.dimension = vectors.columns
    header.rows = vectors.rows
    self.header = header
  }

  private static func tensor(_ scanner: inout JSONScanner) throws -> Tensor {
    var tensor = Tensor()
    try scanner.object { key, scanner in
      switch key {
      case "dtype": tensor.type = try scanner.string()
      case "shape": try scanner.array { tensor.shape.append(try $0.integer()) }
      case "data_offsets": try scanner.array { tensor.offsets.append(try $0.integer()) }
      default: try scanner.skip()
      }
    }
    return tensor
  }

  private static func take(
    _ key: String, _ text: String, into header: inout EmbeddingFileHeader, _ file: MappedFile
  ) throws {
    switch key {
    case "fingerprint":
      header.fingerprint = try? JSONDecoder().decode(EngineFingerprint.self, from: Data(text.utf8))
      guard header.fingerprint != nil else {
        throw file.error(.unreadableFile, "its “fingerprint” is not what this program writes")
      }
    case "operatingPoint":
      header.operatingPoint = try? JSONDecoder().decode(OperatingPoint.self, from: Data(text.utf8))
    default: break
    }
  }

  /// Room for the head of a file whose records are not counted yet.
  static let headRoom = 8 << 10

  /// The head, padded to ``headRoom``.
  static func head(rows: Int, columns: Int, recordBytes: Int, header: EmbeddingFileHeader) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String {
      FaceRow.quoted(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    var metadata =
      "\"format\":\"\(EmbeddingFileHeader.format)\",\"version\":\"\(EmbeddingFileHeader.version)\""
    if let fingerprint = header.fingerprint { metadata += ",\"fingerprint\":\(try text(fingerprint))" }
    if let point = header.operatingPoint { metadata += ",\"operatingPoint\":\(try text(point))" }
    let size = rows * columns * 4
    var head = Array(
      ("{\"__metadata__\":{\(metadata)},"
        + "\"vectors\":{\"dtype\":\"F32\",\"shape\":[\(rows),\(columns)],\"data_offsets\":[0,\(size)]},"
        + "\"records\":{\"dtype\":\"U8\",\"shape\":[\(recordBytes)],\"data_offsets\":[\(size),\(size + recordBytes)]}}")
        .utf8)
    let length = headRoom - 8
    guard head.count <= length else {
      throw GalleryError(.storage, "The engine's fingerprint is too long for the head of a safetensors file.")
    }
    head += Array(repeating: 0x20, count: length - head.count)
    return withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) } + head
  }
}
