import Console
import FaceEngine
import Foundation
import NeuralNetwork
import Support

/// What a weights file holds, for `weights inspect`.
struct WeightsRecord: Encodable {
  /// A layer of it.
  struct Layer: Encodable {
    let name: String
    let kind: String
    /// The shape of its result for images of the network's size; nil when no size fits.
    let output: ShapeRecord?
    let weights: Int
  }

  let file: String
  let format: String
  let bytes: Int
  /// How the numbers are stored.
  let precision: String
  let input: ShapeRecord
  /// What it gives for images of its size; nil when no size fits.
  let outputs: [OutputRecord]?
  let preprocessing: String?
  let sourceSha256: String?
  /// Whether thresholds were measured for it and stored.
  let isCalibrated: Bool
  let weights: Int
  let layers: [Layer]

  init(of url: URL) throws {
    let format = try NetworkReader.format(of: url)
    let network = try NetworkReader.network(at: url)
    file = url.lastPathComponent
    self.format = format.rawValue
    bytes = Int(InputFile.status(of: url.path(percentEncoded: false))?.size ?? 0)
    precision =
      format == .safetensors
      ? try SafetensorsFile(url, verifyingChecksum: false).elementTypes.map(\.rawValue).joined(
        separator: ", ")
      : "as imported"
    input = ShapeRecord(network.input)
    preprocessing = network.preprocessing?.description
    sourceSha256 = network.sourceDigest
    isCalibrated = network.annotations[OperatingPoint.metadataKey()] != nil
    weights = network.parameterCount
    let size = try? network.preferredSize()
    outputs = size.flatMap { try? network.outputRecords(height: $0.height, width: $0.width) }
    let shapes = size.flatMap { try? network.shapes(height: $0.height, width: $0.width) }
    layers = network.nodes.enumerated().map { index, node in
      Layer(
        name: node.name, kind: node.layer.kind, output: shapes.map { ShapeRecord($0[index]) },
        weights: node.parameterCount)
    }
  }

  var report: Report {
    var facts = [
      (label: "file", value: "\(file), \(Format.bytes(bytes)), \(format), \(precision)"),
      (label: "input", value: input.description),
      (label: "output", value: outputs?.text ?? "none for any size"),
      (label: "preprocessing", value: preprocessing ?? "not on record"),
      (label: "weights", value: "\(weights) in \(Format.count(layers.count, "layer"))"),
      (label: "thresholds", value: isCalibrated ? "measured" : "none: galleryctl eval --store measures them"),
    ]
    if let sourceSha256 { facts.append((label: "source's SHA-256", value: sourceSha256)) }
    var table = Table(.left("layer"), .left("kind"), .right("result"), .right("weights"))
    for layer in layers {
      table.append([
        layer.name, layer.kind, layer.output?.description ?? "",
        layer.weights == 0 ? "" : String(layer.weights),
      ])
    }
    return Report(Facts(facts).text) + Report(table, spaced: true)
  }
}
