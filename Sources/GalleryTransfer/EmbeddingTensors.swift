internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support
internal import TensorFiles

/// A safetensors file of embeddings, in the form that ``EmbeddingFileHeader`` describes.
struct EmbeddingTensors {
  /// The vectors: the tensor `vectors` or `embeddings`, else the only one of two dimensions.
  let vectors: VectorArray
  /// Where the tensor `records` lies: a JSON object a line for each vector.
  let records: Range<Int>?
  let header: EmbeddingFileHeader

  init(_ file: MappedFile) throws {
    let head: SafetensorsHeader
    do {
      head = try SafetensorsHeader(file)
    } catch {
      throw file.error(error)
    }
    let tensors = head.tensors
    var header = EmbeddingFileHeader()
    for (key, text) in head.metadata { try Self.take(key, text, into: &header, file) }
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
    vectors = try VectorArray(file, from: found.range.lowerBound, shape: found.shape, element: element)
    if let records = tensors["records"], records.type != "U8" {
      throw file.error(.wrongShape, "its tensor “records” is not of bytes")
    }
    records = tensors["records"]?.range
    header.dimension = vectors.columns
    header.rows = vectors.rows
    self.header = header
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
  static func head(rows: Int, columns: Int, recordBytes: Int, header: EmbeddingFileHeader) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    var metadata = ["format": EmbeddingFileHeader.format, "version": "\(EmbeddingFileHeader.version)"]
    metadata["fingerprint"] = try header.fingerprint.map { try text($0) }
    metadata["operatingPoint"] = try header.operatingPoint.map { try text($0) }
    guard
      let head = SafetensorsHeader.bytes(
        of: [("vectors", "F32", [rows, columns]), ("records", "U8", [recordBytes])], metadata: metadata,
        size: headRoom)
    else {
      throw GalleryError(.storage, "The engine's fingerprint is too long for the head of a safetensors file.")
    }
    return head
  }
}
