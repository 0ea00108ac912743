import Foundation
import NeuralNetwork

/// Every layer's result for one image, for comparison with another runtime: Scripts/onnx/check_parity.py.
struct LayerResults {
  let network: Network
  let height: Int
  let width: Int
  let options: PlanOptions

  init(_ network: Network, height: Int, width: Int, options: PlanOptions) {
    self.network = network
    self.height = height
    self.width = width
    self.options = options
  }

  /// Reads `input.f32` of a folder and writes `results.f32`, one result after the other, and `results.json`, which has
  /// each one's name and extents as ONNX counts them: once of layers that were kept, once of the fused plan's outputs.
  func write(to folder: URL) throws {
    let bytes = try Data(contentsOf: folder.appending(path: "input.f32"))
    let input = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    var records: [[String: Any]] = []
    var numbers = Data()
    let shapes = try network.shapes(height: height, width: width)
    for isFused in [false, true] {
      var options = options
      options.outputs = isFused ? [] : try network.computedLayers(height: height, width: width)
      let plan = try ExecutionPlan(network, height: height, width: width, options: options)
      try plan.execute(input)
      for (node, shape) in zip(network.nodes, shapes) {
        guard let values = plan.result(of: node.name) else { continue }
        var isImage = false
        if case .image = shape { isImage = true }
        records.append([
          "name": node.name, "extents": shape.extents, "channelsLast": isImage, "fused": isFused,
        ])
        numbers.append(values.withUnsafeBytes { Data($0) })
      }
    }
    try numbers.write(to: folder.appending(path: "results.f32"))
    try JSONSerialization.data(withJSONObject: records).write(to: folder.appending(path: "results.json"))
  }
}
