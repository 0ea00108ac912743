public import Foundation
internal import Support
internal import TensorFiles

/// Writes safetensors files whole: to a temporary file beside the destination, flushed, then renamed.
public enum SafetensorsWriter {
  /// Writes tensors in the order given, with the SHA-256 of their bytes in the metadata.
  ///
  /// - Parameter replacing: Whether a file that is there is replaced; else it is an error.
  /// - Throws: `WeightsError.Code.unwritable` when the file cannot be written, `unsupported` when a name is used
  ///   twice, or `notFinite` when half precision would turn a value into infinity.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String],
    as type: SafetensorsFile.ElementType = .float32, to url: URL, replacing: Bool = true
  ) throws(WeightsError) {
    var parts: [Data] = []
    for (name, tensor) in tensors { parts.append(try encoded(tensor, name, type)) }
    var metadata = metadata
    var digest = SHA256()
    for part in parts { part.withUnsafeBytes { digest.update($0) } }
    metadata[SafetensorsFile.digestKey] = Hexadecimal.text(of: digest.finish())
    let head = try header(tensors.map { ($0.name, type.rawValue, $0.tensor.shape) }, metadata)
    try write(head, parts, to: url, replacing: replacing)
  }

  /// Writes the tensors of an open file under other metadata.
  static func rewrite(
    _ file: SafetensorsFile, metadata: [String: String], to url: URL
  ) throws(WeightsError) {
    let content = file.content
    try write(try header(content.tensors, metadata), [content.bytes], to: url)
  }

  private static func write(
    _ header: Data, _ parts: [Data], to url: URL, replacing: Bool = true
  ) throws(WeightsError) {
    do throws(SystemError) {
      let path = url.path(percentEncoded: false)
      Leftovers.clear(of: path)
      let output = try ReplacementFile(path)
      var offset = 0
      for part in [header] + parts {
        try output.write(part, at: offset)
        offset += part.count
      }
      try output.commit(replacing: replacing)
    } catch {
      throw WeightsError(.unwritable, error.description)
    }
  }

  private static func header(
    _ tensors: [(name: String, type: String, shape: [Int])], _ metadata: [String: String]
  ) throws(WeightsError) -> Data {
    guard let header = SafetensorsHeader.bytes(of: tensors, metadata: metadata) else {
      throw WeightsError(.unsupported, "Two tensors have one name, or a name cannot be written as JSON.")
    }
    return header
  }

  private static func encoded(
    _ tensor: Tensor, _ name: String, _ type: SafetensorsFile.ElementType
  ) throws(WeightsError) -> Data {
    switch type {
    case .float32: return tensor.values.withUnsafeBytes { Data($0) }
    case .bfloat16:
      let halves = tensor.values.map { value in
        let bits = value.bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16).littleEndian
      }
      return halves.withUnsafeBytes { Data($0) }
    case .float16:
      let halves = tensor.values.map { Float16($0) }
      if let place = halves.firstIndex(where: { !$0.isFinite }) {
        throw WeightsError(
          .notFinite,
          "Element \(place) of \(name) is \(tensor.values[place]), which half precision cannot hold.")
      }
      return halves.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }
  }
}
