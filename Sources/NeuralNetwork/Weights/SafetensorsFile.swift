public import Foundation

/// A safetensors file (https://github.com/huggingface/safetensors), mapped into memory.
///
/// The file is eight bytes of header length, little-endian, a JSON header, and the tensors' bytes. Every extent and
/// offset is checked before a byte is read.
public struct SafetensorsFile: Sendable {
  /// How a tensor's elements are stored.
  public enum ElementType: String, Sendable, Codable {
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// The upper half of a float32.
    case bfloat16 = "BF16"

    /// Bytes an element.
    var size: Int { self == .float32 ? 4 : 2 }
  }

  struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The key under which our files keep the SHA-256 of the tensors' bytes.
  static let digestKey = "data_sha256"
  private static let headerLimit = 100_000_000

  /// The file's text metadata.
  public let metadata: [String: String]
  /// The names of the tensors.
  public var names: [String] { entries.keys.sorted() }

  private let file: MappedFile
  let entries: [String: Entry]
  private let start: Int

  /// Opens a file, checks its structure and, where its metadata has a checksum, all its bytes.
  ///
  /// - Throws: `WeightsError` when the file cannot be read, is damaged or fails its checksum.
  /// - Complexity: O(bytes) with a checksum, at the speed of SHA-256.
  public init(_ url: URL, verifyingChecksum: Bool = true) throws(WeightsError) {
    let file = try MappedFile(url)
    self.file = file
    let damaged = { (what: String) in
      WeightsError(.damaged, "\(file.name) \(what); fetch or import it again.")
    }
    guard file.bytes.count >= 8 else { throw damaged("is too short for a safetensors file") }
    let length = file.bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= Self.headerLimit, Int(length) + 8 <= file.bytes.count else {
      throw damaged("is no safetensors file, or it is truncated")
    }
    start = 8 + Int(length)
    guard case .object(let members)? = JSONValue(parsing: file.bytes[8..<start]) else {
      throw damaged("has a header that is not JSON")
    }
    var metadata: [String: String] = [:]
    if case .object(let pairs)? = members["__metadata__"] { metadata = pairs.compactMapValues(\.string) }
    var entries: [String: Entry] = [:]
    let size = file.bytes.count - start
    for (name, value) in members where name != "__metadata__" {
      guard let entry = Entry(value), let type = ElementType(rawValue: entry.dtype) else {
        throw damaged("has no readable entry for tensor \(name)")
      }
      var bytes = type.size
      for extent in entry.shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { throw damaged("has an impossible shape for tensor \(name)") }
        bytes = product
      }
      let (first, last) = (entry.data_offsets[0], entry.data_offsets[1])
      guard first >= 0, first <= last, last <= size, last - first == bytes else {
        throw damaged("is truncated or wrong at tensor \(name)")
      }
      entries[name] = entry
    }
    self.metadata = metadata
    self.entries = entries
    if verifyingChecksum, let digest = metadata[Self.digestKey], digest != file.digest(from: start) {
      throw WeightsError(
        .wrongChecksum,
        "The bytes of \(file.name) do not have the checksum on record; fetch or import it again.")
    }
  }

  /// The tensors' bytes as they lie in the file.
  var tensorBytes: Data { file.bytes[start...] }

  /// The extents of a tensor, or nil when there is none of that name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// How the tensors' elements are stored, each kind once.
  public var elementTypes: [ElementType] {
    Set(entries.values.compactMap { ElementType(rawValue: $0.dtype) }).sorted { $0.rawValue < $1.rawValue }
  }

  /// A tensor as float32.
  ///
  /// - Throws: `WeightsError.Code.missingLayer` when there is none of that name.
  /// - Complexity: O(elements).
  public func tensor(_ name: String) throws(WeightsError) -> Tensor {
    guard let entry = entries[name], let type = ElementType(rawValue: entry.dtype) else {
      throw WeightsError(.missingLayer, "\(file.name) has no tensor \(name).")
    }
    let count = entry.shape.reduce(1, *)
    let offset = start + entry.data_offsets[0]
    let values = file.bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let base = buffer.baseAddress else { return }
        for index in 0..<count {
          let value: Float
          switch type {
          case .float32:
            value = Float(
              bitPattern: UInt32(
                littleEndian: raw.loadUnaligned(fromByteOffset: offset + index * 4, as: UInt32.self)))
          case .float16:
            value = Float(
              Float16(
                bitPattern: UInt16(
                  littleEndian: raw.loadUnaligned(fromByteOffset: offset + index * 2, as: UInt16.self))))
          case .bfloat16:
            value = Float(
              bitPattern: UInt32(
                UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: offset + index * 2, as: UInt16.self)))
                << 16)
          }
          (base + index).initialize(to: value)
        }
        filled = count
      }
    }
    return Tensor(shape: entry.shape, values: values)
  }
}

extension SafetensorsFile.Entry {
  init?(_ value: JSONValue) {
    guard let dtype = value["dtype"]?.string, let shape = value["shape"]?.array,
      let offsets = value["data_offsets"]?.array
    else { return nil }
    self.dtype = dtype
    self.shape = shape.compactMap(\.integer)
    data_offsets = offsets.compactMap(\.integer)
    guard self.shape.count == shape.count, data_offsets.count == 2, offsets.count == 2 else { return nil }
  }
}
