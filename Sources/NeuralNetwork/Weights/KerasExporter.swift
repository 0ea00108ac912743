public import Foundation

/// Writes weights for Keras 3: a `.weights.h5` that `load_weights` of a model with the same layers reads.
public enum KerasExporter {
  /// Writes the dense layers, normalisations and convolutions of a chain of layers, named as Keras numbers them:
  /// `dense`, `dense_1`, …, `batch_normalization`, …
  ///
  /// - Throws: `WeightsError.Code.unwritable` when the file cannot be written.
  public static func write(_ network: Network, to url: URL) throws(WeightsError) {
    var used: [String: Int] = [:]
    var datasets: [(path: String, tensor: Tensor)] = []
    func add(_ kind: String, _ tensors: [Tensor]) {
      let number = used[kind, default: 0]
      used[kind] = number + 1
      for (place, tensor) in tensors.enumerated() {
        datasets.append(("layers/\(number == 0 ? kind : "\(kind)_\(number)")/vars/\(place)", tensor))
      }
    }
    for node in network.nodes {
      switch node.layer {
      case .dense(let layer): add("dense", [layer.kernel, Tensor(layer.bias)])
      case .convolution(let layer): add("conv2d", [layer.kernel, Tensor(layer.bias)])
      case .batchNormalization(let layer):
        add(
          "batch_normalization",
          [Tensor(layer.gamma), Tensor(layer.beta), Tensor(layer.mean), Tensor(layer.variance)])
      default: break
      }
    }
    try HDF5Writer.write(datasets, to: url)
  }
}
