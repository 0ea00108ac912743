public import Foundation
internal import Support
internal import TensorFiles

/// A safetensors file (https://github.com/huggingface/safetensors), mapped into memory.
public struct SafetensorsFile: Sendable {
  /// How a tensor's elements are stored.
  public enum ElementType: String, Sendable, Codable {
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// The upper half of a float32.
    case bfloat16 = "BF16"
  }

  /// The key under which our files keep the SHA-256 of the tensors' bytes.
  static let digestKey = "data_sha256"

  /// The file's text metadata.
  public var metadata: [String: String] { header.metadata }
  /// The names of the tensors.
  public var names: [String] { header.tensors.keys.sorted() }

  private let file: MappedFile
  private let header: SafetensorsHeader

  /// Opens a file, checks its structure and, where its metadata has a checksum, all its bytes.
  ///
  /// - Throws: `WeightsError` when the file cannot be read, is damaged or fails its checksum.
  /// - Complexity: O(bytes) with a checksum, at the speed of SHA-256.
  public init(_ url: URL, verifyingChecksum: Bool = true) throws(WeightsError) {
    let file = try MappedFile(weights: url)
    self.file = file
    do {
      header = try SafetensorsHeader(file)
    } catch {
      throw WeightsError(.damaged, "\(file.name) is damaged: \(error.what); fetch or import it again.")
    }
    for (name, tensor) in header.tensors where ElementType(rawValue: tensor.type) == nil {
      throw WeightsError(
        .damaged, "The tensor \(name) of \(file.name) is of type \(tensor.type), which is not read here.")
    }
    if verifyingChecksum, let digest = metadata[Self.digestKey], digest != file.digest(from: header.start) {
      throw WeightsError(
        .wrongChecksum,
        "The bytes of \(file.name) do not have the checksum on record; fetch or import it again.")
    }
  }

  /// The tensors in the order of their bytes, and all their bytes as they lie in the file.
  var content: (tensors: [(name: String, type: String, shape: [Int])], bytes: Data) {
    let order = header.tensors.sorted {
      ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key)
    }
    return (
      order.map { ($0.key, $0.value.type, $0.value.shape) },
      order.reduce(into: Data()) { $0.append(contentsOf: file.bytes[$1.value.range]) }
    )
  }

  /// The extents of a tensor, or nil when there is none of that name.
  public func shape(of name: String) -> [Int]? { header.tensors[name]?.shape }

  /// How the tensors' elements are stored, each kind once.
  public var elementTypes: [ElementType] {
    Set(header.tensors.values.compactMap { ElementType(rawValue: $0.type) }).sorted {
      $0.rawValue < $1.rawValue
    }
  }

  /// A tensor as float32.
  ///
  /// - Throws: `WeightsError.Code.missingLayer` when there is none of that name.
  /// - Complexity: O(elements).
  public func tensor(_ name: String) throws(WeightsError) -> Tensor {
    guard let entry = header.tensors[name], let type = ElementType(rawValue: entry.type) else {
      throw WeightsError(.missingLayer, "\(file.name) has no tensor \(name).")
    }
    let count = entry.shape.reduce(1, *)
    let offset = entry.range.lowerBound
    let raw = file.bytes
    let values = withExtendedLifetime(file) {
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
