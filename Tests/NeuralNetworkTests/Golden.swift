import Foundation

/// An input and the outputs of a model's layers as Keras computed them; see Scripts/keras/make_golden.py.
struct Golden {
  struct Layer: Decodable {
    let name: String
    let shape: [Int]
    var count: Int { shape.reduce(1, *) }
  }

  let layers: [Layer]
  let values: [String: [Float]]

  init(_ base: URL) throws {
    let list = base.appendingPathExtension("golden.json")
    layers = try JSONDecoder().decode([Layer].self, from: Data(contentsOf: list))
    let bytes = try Data(contentsOf: base.appendingPathExtension("golden.bin"))
    var offset = 0
    var values: [String: [Float]] = [:]
    for layer in layers {
      let part = bytes[offset..<offset + layer.count * 4]
      values[layer.name] = part.withUnsafeBytes { raw in
        (0..<layer.count).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
      }
      offset += layer.count * 4
    }
    self.values = values
  }

  var input: [Float] { values["input"] ?? [] }
  var batch: Int { layers[0].shape[0] }
  var height: Int { layers[0].shape[1] }
  var width: Int { layers[0].shape[2] }
  var outputs: ArraySlice<Layer> { layers.dropFirst() }

  /// The largest difference from a layer's values, as a share of the layer's largest value.
  func error(of layer: String, _ result: [Float]) -> Float {
    let reference = values[layer] ?? []
    guard reference.count == result.count else { return .infinity }
    let scale = reference.reduce(0) { max($0, abs($1)) }
    return zip(reference, result).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }

  /// The worst violation of |Δ| ≤ 1e-4 · |reference| + 1e-4 · RMS, as a multiple of the bound.
  func violation(of layer: String, _ result: [Float]) -> Float {
    let reference = values[layer] ?? []
    guard reference.count == result.count else { return .infinity }
    let rms = (reference.reduce(0) { $0 + $1 * $1 } / Float(reference.count)).squareRoot()
    return zip(reference, result).reduce(0) { worst, pair in
      max(worst, abs(pair.0 - pair.1) / (1e-4 * abs(pair.0) + 1e-4 * rms))
    }
  }
}
