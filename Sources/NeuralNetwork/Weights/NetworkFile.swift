public import Foundation

/// Our weights file: safetensors with the architecture, the input, the preprocessing and the source's digest in its
/// metadata.
public enum NetworkFile {
  private static let format = "facegallery-network"
  private static let version = "1"

  /// Writes a network.
  ///
  /// - Throws: `WeightsError` when the file cannot be written, or half precision cannot hold a weight.
  public static func write(
    _ network: Network, as type: SafetensorsFile.ElementType = .float32, to url: URL
  ) throws(WeightsError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var metadata = ["format": format, "version": version]
    metadata["source_sha256"] = network.sourceDigest
    guard let layers = try? encoder.encode(network.nodes.map(LayerRecord.init)),
      let input = try? encoder.encode(network.input)
    else { throw WeightsError(.unsupported, "The network's layers cannot be written as JSON.") }
    metadata["layers"] = String(decoding: layers, as: UTF8.self)
    metadata["input"] = String(decoding: input, as: UTF8.self)
    if let preprocessing = network.preprocessing, let text = try? encoder.encode(preprocessing) {
      metadata["preprocessing"] = String(decoding: text, as: UTF8.self)
    }
    try SafetensorsWriter.write(network.nodes.flatMap(\.tensors), metadata: metadata, as: type, to: url)
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
      var network = try Network(input: input, nodes: nodes, preprocessing: decoded("preprocessing", file))
      network.sourceDigest = file.metadata["source_sha256"]
      return network
    } catch {
      throw WeightsError(.wrongShape, "\(url.lastPathComponent) does not fit together: \(error.message)")
    }
  }

  private static func decoded<Value: Decodable>(_ key: String, _ file: SafetensorsFile) -> Value? {
    file.metadata[key].flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
  }
}
