public import Foundation
public import Support

/// The head of a safetensors file (https://github.com/huggingface/safetensors): where its tensors lie.
///
/// The file is eight bytes of header length, little-endian, a JSON header, and the tensors' bytes. Every extent and
/// offset is checked against the file before a byte of a tensor is read.
public struct SafetensorsHeader: Sendable {
  /// One tensor of a file.
  public struct Tensor: Sendable, Hashable {
    /// How its elements are stored, such as `F32`.
    public let type: String
    /// Its extents, none of them negative.
    public let shape: [Int]
    /// Where in the file its bytes lie.
    public let range: Range<Int>
  }

  /// The tensors by name.
  public let tensors: [String: Tensor]
  /// The texts of `__metadata__`.
  public let metadata: [String: String]
  /// Where the tensors' bytes begin.
  public let start: Int

  /// Longer heads are refused, as the format's own readers do.
  private static let maximumHead = 100_000_000

  /// Reads the head of a file.
  ///
  /// - Throws: ``TensorFileError``.
  public init(_ file: MappedFile) throws(TensorFileError) {
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw TensorFileError(.truncated, "it ends within its header")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.maximumHead, bytes.count > 8, bytes[8] == UInt8(ascii: "{") else {
      throw TensorFileError(.unreadable, "it is no safetensors file")
    }
    start = 8 + Int(length)
    guard start <= bytes.count else { throw TensorFileError(.truncated, "it ends within its header") }
    let head: Head
    do {
      head = try JSONDecoder().decode(Head.self, from: Data(bytes[8..<start]))
    } catch let error as TensorFileError {
      throw error
    } catch {
      throw TensorFileError(.unreadable, "its header cannot be read")
    }
    metadata = head.metadata
    var tensors: [String: Tensor] = [:]
    for (name, entry) in head.entries {
      tensors[name] = try Self.tensor(name, entry, from: start, size: bytes.count - start)
    }
    self.tensors = tensors
    let end = tensors.values.map(\.range.upperBound).max() ?? start
    guard end == bytes.count else {
      throw TensorFileError(.wrongShape, "\(bytes.count - end) bytes follow its tensors")
    }
  }

  private static func tensor(
    _ name: String, _ entry: Entry, from start: Int, size: Int
  ) throws(TensorFileError) -> Tensor {
    guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
      entry.data_offsets[0] <= entry.data_offsets[1]
    else { throw TensorFileError(.wrongShape, "the offsets of its tensor “\(name)” are impossible") }
    guard entry.data_offsets[1] <= size else {
      throw TensorFileError(.truncated, "its tensor “\(name)” is cut off")
    }
    var bytes = elementBytes[entry.dtype] ?? 0
    for extent in entry.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw TensorFileError(.wrongShape, "its tensor “\(name)” has an impossible shape")
      }
      bytes = product
    }
    // Of a type that is not known only that it lies in the file.
    guard elementBytes[entry.dtype] == nil || bytes == entry.data_offsets[1] - entry.data_offsets[0] else {
      throw TensorFileError(.wrongShape, "the bytes of its tensor “\(name)” are not what its shape needs")
    }
    return Tensor(
      type: entry.dtype, shape: entry.shape,
      range: start + entry.data_offsets[0]..<start + entry.data_offsets[1])
  }

  private static let elementBytes = [
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "I8": 1,
    "U8": 1, "BOOL": 1,
  ]

  /// The bytes before the tensors of a file that has these, one after the other.
  ///
  /// - Parameters:
  ///   - tensors: Names, each once, with type and extents of a known type.
  ///   - metadata: Texts for `__metadata__`.
  ///   - size: How many bytes there shall be; nil pads to a multiple of eight.
  /// - Returns: Nil when a name or type is not usable, or the head does not fit in `size`.
  public static func bytes(
    of tensors: [(name: String, type: String, shape: [Int])], metadata: [String: String], size: Int? = nil
  ) -> Data? {
    var entries: [String: Entry] = [:]
    var offset = 0
    for (name, type, shape) in tensors {
      guard let bytes = elementBytes[type] else { return nil }
      let end = offset + shape.reduce(bytes, *)
      let entry = Entry(dtype: type, shape: shape, data_offsets: [offset, end])
      guard entries.updateValue(entry, forKey: name) == nil else { return nil }
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var json = try? encoder.encode(Head(metadata: metadata, entries: entries)) else { return nil }
    let length = size.map { $0 - 8 } ?? (json.count + 7) / 8 * 8
    guard json.count <= length else { return nil }
    json += Data(repeating: UInt8(ascii: " "), count: length - json.count)
    return withUnsafeBytes(of: UInt64(length).littleEndian) { Data($0) } + json
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The JSON object: an entry for each tensor, and the metadata.
  private struct Head: Codable {
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    init(metadata: [String: String], entries: [String: Entry]) {
      self.metadata = metadata
      self.entries = entries
    }

    private struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    private static let metadataName = Name(stringValue: "__metadata__")

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: Name.self)
      for name in members.allKeys {
        if name.stringValue == Self.metadataName.stringValue {
          metadata = try members.decode([String: String].self, forKey: name)
        } else {
          do {
            entries[name.stringValue] = try members.decode(Entry.self, forKey: name)
          } catch {
            throw TensorFileError(
              .unreadable, "it has no readable entry for its tensor “\(name.stringValue)”")
          }
        }
      }
    }

    func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: Name.self)
      if !metadata.isEmpty { try members.encode(metadata, forKey: Self.metadataName) }
      for (name, entry) in entries { try members.encode(entry, forKey: Name(stringValue: name)) }
    }
  }
}
