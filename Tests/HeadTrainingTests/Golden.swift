import Foundation
import HeadTraining
import NeuralNetwork

/// A training step of a small head as Keras computed it; see Scripts/keras/make_training_golden.py.
struct Golden {
  private struct Entry: Decodable {
    let name: String
    let shape: [Int]
  }

  private var arrays: [String: Tensor] = [:]
  let shape = HeadShape(inputs: 18, units: [10, 8, 6, 5])

  init() throws {
    let folder = Bundle.module.resourceURL?.appending(path: "Fixtures") ?? URL(filePath: "Fixtures")
    let entries = try JSONDecoder().decode(
      [Entry].self, from: Data(contentsOf: folder.appending(path: "head.golden.json")))
    let bytes = try Data(contentsOf: folder.appending(path: "head.golden.bin"))
    var offset = 0
    for entry in entries {
      let count = entry.shape.reduce(1, *)
      let values = bytes.withUnsafeBytes { raw in
        (0..<count).map { raw.loadUnaligned(fromByteOffset: offset + $0 * 4, as: Float.self) }
      }
      arrays[entry.name] = Tensor(shape: entry.shape, values: values)
      offset += count * 4
    }
  }

  subscript(name: String) -> [Float] { arrays[name]?.values ?? [] }

  var masks: [[Float]] { [self["mask_1"], self["mask_2"], []] }

  var triplets: [Triplet] {
    let rows = self["triplets"].map { Int($0) }
    return stride(from: 0, to: rows.count, by: 3).map {
      Triplet(anchor: rows[$0], positive: rows[$0 + 1], negative: rows[$0 + 2])
    }
  }

  /// The weights before the step.
  var before: HeadParameters {
    let tensors = (0..<20).compactMap { arrays["before_\($0)"] }
    return HeadParameters(shape, trained: Array(tensors[..<14]), statistics: Array(tensors[14...]))
  }

  /// The worst violation of |Δ| ≤ 1e-4 · |reference| + 1e-4 · RMS, as a multiple of the bound.
  func violation(_ name: String, _ result: [Float]) -> Float {
    let reference = self[name]
    guard !reference.isEmpty, reference.count == result.count else { return .infinity }
    let rms = (reference.reduce(0) { $0 + $1 * $1 } / Float(reference.count)).squareRoot()
    return zip(reference, result).reduce(0) { worst, pair in
      // A sum that is zero in exact arithmetic, such as the gradient of a shift before a normalisation, is judged
      // absolutely.
      max(worst, abs(pair.0 - pair.1) / max(1e-4 * abs(pair.0) + 1e-4 * rms, 1e-7))
    }
  }
}
