public import Foundation
internal import Support

/// Our weights file: safetensors with the architecture, the input, the preprocessing and the source's digest in its
/// metadata.
public enum NetworkFile {
  private static let format = "facegallery-network"
  private static let version = "1"
  /// What the metadata says of the network itself; every other key is an annotation.
  private static let ownKeys: Set<String> = [
    "format", "version", "layers", "input", "outputs", "preprocessing", "source_sha256",
    SafetensorsFile.digestKey,
  ]

  /// Writes a network.
  ///
  /// - Parameter replacing: Whether a file that is there is replaced; else it is an error.
  /// - Throws: `WeightsError` when the file cannot be written, or half precision cannot hold a weight.
  public static func write(
    _ network: Network, as type: SafetensorsFile.ElementType = .float32, to url: URL,
    replacing: Bool = true
  ) throws(WeightsError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var metadata = network.annotations.filter { !ownKeys.contains($0.key) }
    metadata["format"] = format
    metadata["version"] = version
    metadata["source_sha256"] = network.sourceDigest
    guard let layers = try? encoder.encode(network.nodes.map(LayerRecord.init)),
      let input = try? encoder.encode(network.input)
    else { throw WeightsError(.unsupported, "The network's layers cannot be written as JSON.") }
    metadata["layers"] = String(decoding: layers, as: UTF8.self)
    metadata["input"] = String(decoding: input, as: UTF8.self)
    if network.outputs != network.nodes.suffix(1).map(\.name),
      let outputs = try? encoder.encode(network.outputs)
    {
      metadata["outputs"] = String(decoding: outputs, as: UTF8.self)
    }
    if let preprocessing = network.preprocessing, let text = try? encoder.encode(preprocessing) {
      metadata["preprocessing"] = String(decoding: text, as: UTF8.self)
    }
    let tensors = network.nodes.flatMap(\.tensors)
    for (name, tensor) in tensors {
      guard let place = tensor.firstNonFinite else { continue }
      throw WeightsError(
        .notFinite, "The weights \(name) have a \(tensor.values[place]) at element \(place).")
    }
    try SafetensorsWriter.write(tensors, metadata: metadata, as: type, to: url, replacing: replacing)
  }

  /// Reads a network.
  ///
  /// - Throws: `WeightsError` that names the layer which is missing, unknown or wrong.
  public static func read(_ url: URL) throws(WeightsError) -> Network {
    let file = try SafetensorsFile(url)
    guard file.metadata["format"] == format, file.metadata["version"] == version else {
      throw WeightsError(
        .unsupported,
        "\(url.lastPathComponent) is a safetensors file, but not a network of this program's version \(version)."
      )
    }
    guard let records: [LayerRecord] = decoded("layers", file), let input: InputShape = decoded("input", file)
    else {
      throw WeightsError(.damaged, "\(url.lastPathComponent) has no readable description of its layers.")
    }
    var nodes: [Node] = []
    for record in records { nodes.append(try Node(record, from: file)) }
    do {
      var network = try Network(
        input: input, nodes: nodes, outputs: decoded("outputs", file),
        preprocessing: decoded("preprocessing", file))
      network.sourceDigest = file.metadata["source_sha256"]
      network.annotations = file.metadata.filter { !ownKeys.contains($0.key) }
      return network
    } catch {
      throw WeightsError(.wrongShape, "\(url.lastPathComponent) does not fit together: \(error.message)")
    }
  }

  /// The SHA-256 of what a file computes: its layers, input, preprocessing and weights, whatever its annotations.
  ///
  /// - Throws: `WeightsError` when the file is no network of ours.
  public static func digest(_ url: URL) throws(WeightsError) -> String {
    let metadata = try SafetensorsFile(url, verifyingChecksum: false).metadata
    guard metadata["format"] == format, let weights = metadata[SafetensorsFile.digestKey] else {
      throw WeightsError(.unsupported, "\(url.lastPathComponent) is not a network of this program.")
    }
    let parts =
      ["layers", "input", "preprocessing"].map { metadata[$0] ?? "" } + [weights]
      + (metadata["outputs"].map { [$0] } ?? [])
    return SHA256.hexadecimal(of: Array(parts.joined(separator: "\n").utf8))
  }

  /// The annotations of a file, whose weights are not looked at.
  ///
  /// - Throws: `WeightsError` when the file is no network of ours.
  public static func annotations(_ url: URL) throws(WeightsError) -> [String: String] {
    let metadata = try SafetensorsFile(url, verifyingChecksum: false).metadata
    guard metadata["format"] == format else {
      throw WeightsError(.unsupported, "\(url.lastPathComponent) is not a network of this program.")
    }
    return metadata.filter { !ownKeys.contains($0.key) }
  }

  /// Sets annotations of a file, which keeps its weights and its other annotations.
  ///
  /// The file is written anew beside itself and renamed, so that an interruption leaves the old one.
  /// - Parameter annotations: Keys and their values; nil takes a key away. Keys that describe the network itself, such
  ///   as `layers`, are left as they are.
  /// - Throws: `WeightsError` when the file is no network of ours, damaged, or cannot be written.
  /// - Complexity: O(bytes).
  public static func annotate(_ url: URL, with annotations: [String: String?]) throws(WeightsError) {
    let file = try annotatable(url)
    var metadata = file.metadata
    for (key, value) in annotations where !ownKeys.contains(key) { metadata[key] = value }
    try SafetensorsWriter.rewrite(file, metadata: metadata, to: url)
  }

  /// Checks that ``annotate(_:with:)`` can write.
  ///
  /// - Throws: ``WeightsError``, as `annotate`.
  public static func checkAnnotating(_ url: URL) throws(WeightsError) {
    _ = try annotatable(url)
    do throws(SystemError) {
      _ = try ReplacementFile(url.path(percentEncoded: false))
    } catch {
      throw WeightsError(.unwritable, error.description)
    }
  }

  private static func annotatable(_ url: URL) throws(WeightsError) -> SafetensorsFile {
    let file = try SafetensorsFile(url)
    guard file.metadata["format"] == format else {
      throw WeightsError(
        .unsupported,
        "\(url.lastPathComponent) is not a network of this program, so nothing can be noted in it; import it first."
      )
    }
    return file
  }

  private static func decoded<Value: Decodable>(_ key: String, _ file: SafetensorsFile) -> Value? {
    file.metadata[key].flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
  }
}
