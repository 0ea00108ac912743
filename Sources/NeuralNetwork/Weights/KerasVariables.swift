/// The variables of a Keras file, found by layer in each of the layouts that Keras has had.
struct KerasVariables {
  private let root: HDF5Group
  /// Whether each layer has a group with an attribute `weight_names`: Keras 1 and 2, and `.h5` of Keras 3.
  let isLegacy: Bool
  let file: String

  init(_ root: HDF5Group, file: String) throws(WeightsError) {
    let weights = root.groups["model_weights"] ?? root
    self.file = file
    isLegacy = weights.list("layer_names") != nil
    self.root = weights
    let hasLayers = root.groups["layers"] != nil || root.groups["_layer_checkpoint_dependencies"] != nil
    guard isLegacy || hasLayers else {
      throw WeightsError(
        .unsupported, "\(file) is an HDF5 file, but has neither Keras 2's layer_names nor Keras 3's layers.")
    }
  }

  /// The layers' names in a legacy file, in order.
  var layerNames: [String] { root.list("layer_names") ?? [] }

  /// The names of the layers whose variables a group of a legacy file holds, in order: several for a nested model.
  ///
  /// - Throws: `WeightsError` when the file lists the group, but does not have it.
  func layers(inGroup name: String) throws(WeightsError) -> [String] {
    guard let group = root.groups[name] else {
      throw WeightsError(.damaged, "\(file) lists layer \(name), but does not have it; fetch the file again.")
    }
    var result: [String] = []
    for path in group.list("weight_names") ?? [] {
      let parts = path.split(separator: "/").map(String.init)
      if parts.count > 1, result.last != parts[parts.count - 2] { result.append(parts[parts.count - 2]) }
    }
    return result
  }

  /// A layer's variables by their names: kernel, bias, gamma, …; `order` names those of Keras 3's numbered layout.
  func variables(of layer: KerasLayer, order: [String]) throws(WeightsError) -> [String: Tensor] {
    isLegacy ? try legacy(layer) : numbered(layer, order)
  }

  private func legacy(_ layer: KerasLayer) throws(WeightsError) -> [String: Tensor] {
    let own = layer.name.split(separator: "/").last.map(String.init) ?? layer.name
    guard let group = root.groups[layer.models.first ?? own] else { return [:] }
    var result: [String: Tensor] = [:]
    for path in group.list("weight_names") ?? [] {
      let parts = path.split(separator: "/").map(String.init)
      guard let leaf = parts.last else { continue }
      // A nested model keeps all its layers' variables in one group; a layer's own group has no others.
      if !layer.models.isEmpty, parts.count < 2 || parts[parts.count - 2] != own { continue }
      guard let tensor = group.dataset(path) else {
        throw WeightsError(.damaged, "\(file) lists \(path) of layer \(layer.name), but does not have it.")
      }
      result[String(leaf.prefix { $0 != ":" })] = tensor
    }
    return result
  }

  private func numbered(_ layer: KerasLayer, _ order: [String]) -> [String: Tensor] {
    for container in ["layers", "_layer_checkpoint_dependencies"] {
      let path = layer.variables.map { $0 == "layers" ? container : $0 }
      guard let group = root.group(path + ["vars"]) else { continue }
      var result: [String: Tensor] = [:]
      for (index, name) in order.enumerated() { result[name] = group.datasets["\(index)"] }
      return result
    }
    return [:]
  }
}
