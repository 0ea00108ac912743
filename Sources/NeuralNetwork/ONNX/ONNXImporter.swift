public import Foundation

/// Reads networks from ONNX files: operators of versions 7 to 21, one image in, any number of results out.
///
/// Weights may be float32, float16, bfloat16, float64 or quantised in blocks; all become float32. What follows from the
/// file alone is computed while it is read; what follows from the size of the image, when a plan is made.
public enum ONNXImporter {
  /// Reads a file.
  ///
  /// The network's layers have the names of ONNX's values, and its outputs those of the graph's. The size on record is
  /// the file's; see ``Network/anySize()``.
  /// - Throws: `WeightsError` that names the node and its operator: one that the runtime does not have, weights that are
  ///   missing, of the wrong shape or not finite, a graph that is truncated or goes in a circle.
  public static func network(at url: URL) throws(WeightsError) -> Network {
    let graph = try ONNXReader.read(url)
    let image = try ONNXImage(graph, file: url.lastPathComponent)
    var fault: WeightsError?
    // Which size a free side has matters for nothing but that every layer can have it.
    for side in [112, 224, 160, 640, 256, 128] {
      do {
        var lowering = ONNXLowering(graph, file: url.lastPathComponent, image: image, side: side)
        return try lowering.network()
      } catch {
        if fault == nil { fault = error }
        if image.height != nil && image.width != nil { break }
      }
    }
    throw fault ?? WeightsError(.unsupported, "\(url.lastPathComponent) takes images of no size.")
  }

  /// Whether a file that begins with these bytes may be ONNX: protobuf whose first field is the version of the format.
  static func isModel(_ head: [UInt8]) -> Bool {
    head.count > 2 && head[0] == 0x08 && (3...14).contains(head[1]) && [0x12, 0x3a, 0x42].contains(head[2])
  }
}

/// The image that a graph takes.
struct ONNXImage {
  var name: String
  var channels: Int
  var height: Int?
  var width: Int?
  /// Whether the channels come last.
  var channelsLast: Bool

  init(_ graph: ONNXGraph, file: String) throws(WeightsError) {
    guard graph.inputs.count == 1, let port = graph.inputs.first else {
      // What is taken within the branches of an operator only is not seen here.
      if let node = graph.operators.first(where: { ["If", "Loop", "Scan"].contains($0.kind) }) {
        throw WeightsError(
          .unsupported, "\(node.title) of \(file) is an operator that the runtime does not have.")
      }
      guard !graph.inputs.isEmpty else {
        throw WeightsError(.unsupported, "No operator of \(file) takes an image.")
      }
      let names = graph.inputs.map(\.name).joined(separator: ", ")
      throw WeightsError(
        .unsupported, "\(file) takes \(graph.inputs.count) inputs (\(names)), and should take one image.")
    }
    let (extents, place) = (port.extents, graph.place(of: port.name))
    guard extents.count == 4, extents[0] ?? 1 == 1 else {
      let text =
        extents.isEmpty
        ? "no stated extents" : extents.map { $0.map(String.init) ?? "any" }.joined(separator: "×")
      throw WeightsError(
        .unsupported, "\(file) takes \(port.name) of \(text)\(place), and should take one image.")
    }
    name = port.name
    channelsLast = extents[1] != 3 && extents[3] == 3 || extents[1] == nil && extents[3] == 1
    (height, width) = channelsLast ? (extents[1], extents[2]) : (extents[2], extents[3])
    guard let channels = channelsLast ? extents[3] : extents[1], channels <= 4096 else {
      throw WeightsError(
        .unsupported, "\(file) takes images of any number of channels\(place), and should state how many.")
    }
    self.channels = channels
    for side in [height, width] {
      guard side ?? 1 <= 1 << 14 else {
        throw WeightsError(
          .wrongShape,
          "\(file) takes images of \(side ?? 0) pixels a side\(place), which cannot be true.")
      }
    }
  }
}
