import Console
import FaceEngine
import Foundation
import NeuralNetwork
import Support

/// `weights import`: a file of another format, checked layer by layer and written in ours.
struct WeightsImport {
  /// What was written.
  struct Result: Encodable {
    let source: String
    let file: String
    let bytes: Int
    let input: ShapeRecord
    let outputs: [OutputRecord]
    let preprocessing: String?
    let layers: Int
    let weights: Int
    /// What `--engine` takes to use it; nil when it is no VGG16 with a head.
    let engine: String?
    /// Why a file that could be one is none.
    let remark: String?

    var text: String {
      let facts = Facts([
        (label: "read", value: "\(source): \(Format.count(layers, "layer")), \(weights) weights, all finite"),
        (label: "takes", value: "\(input) images; \(preprocessing ?? "preprocessing not on record")"),
        (label: "gives", value: outputs.text),
        (label: "wrote", value: "\(file), \(Format.bytes(bytes))"),
      ])
      return facts.text + (engine.map { "use it with: --engine \($0)\n" } ?? remark.map { $0 + "\n" } ?? "")
    }
  }

  let file: URL
  let head: URL?
  let output: URL
  let isHalf: Bool
  let size: ImageSize?
  let preprocessing: Preprocessing?

  init(_ arguments: Arguments, file: URL) throws {
    self.file = file
    head = arguments[WeightsCommand.head].map { URL(typed: $0) }
    let name = file.deletingPathExtension().lastPathComponent + ".safetensors"
    output = URL(typed: arguments[WeightsCommand.output] ?? name)
    try OutputPlace.check(output, for: "--out")
    guard output.pathExtension == "safetensors" else {
      throw UsageError("--out writes .safetensors, not \"\(output.lastPathComponent)\".")
    }
    isHalf = arguments[WeightsCommand.half]
    size = arguments[WeightsCommand.size]
    preprocessing = arguments[WeightsCommand.preprocessing]?.preprocessing
  }

  /// Reads, checks and writes.
  func run() throws -> Result {
    if InputFile.exists(output.path(percentEncoded: false)) {
      throw InputError(
        "\(output.lastPathComponent) is there already: name another file with --out, or remove it.")
    }
    var network =
      if let head { try NetworkReader.network(at: file, head: head) } else {
        try NetworkReader.network(at: file)
      }
    let isONNX = try NetworkReader.format(of: file) == .onnx
    // The size that an ONNX file states is often that of an example.
    if let size {
      network = try (isONNX ? network.anySize() : network).fixed(height: size.height, width: size.width)
    }
    if network.preprocessing == nil {
      network.preprocessing = preprocessing ?? (VGG16Engine.isBackbone(of: network) ? .vggFace : nil)
    }
    let fitting = try network.preferredSize()
    // Another import may have written it meanwhile.
    try NetworkFile.write(network, as: isHalf ? .float16 : .float32, to: output, replacing: false)
    let (engine, remark) = isONNX ? (nil, nil) : usage()
    let bytes = InputFile.status(of: output.path(percentEncoded: false))?.size
    return Result(
      source: file.lastPathComponent, file: output.relativePath, bytes: Int(bytes ?? 0),
      input: ShapeRecord(network.input),
      outputs: try network.outputRecords(height: fitting.height, width: fitting.width),
      preprocessing: network.preprocessing?.description, layers: network.nodes.count,
      weights: network.parameterCount, engine: engine, remark: remark)
  }

  /// The engine that the written file makes, read back from the disk, or why it makes none.
  private func usage() -> (engine: String?, remark: String?) {
    let choice = EngineSpecification(name: "vgg16", weights: output.relativePath)
    do throws(EngineError) {
      _ = try VGG16Engine.network(choice, weightsDirectory: output.deletingLastPathComponent())
      return (choice.description, nil)
    } catch {
      return (nil, "as it is, it is no engine vgg16: \(error.message)")
    }
  }
}
