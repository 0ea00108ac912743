/// The architecture that weights without a configuration are taken for: VGG16's convolutions, the embedding head, or
/// one behind the other.
struct KerasTemplate {
  private(set) var layers: [KerasLayer] = []

  /// Convolutions in each of VGG16's five blocks.
  private static let blocks = [2, 2, 3, 3, 3]
  private static let denseLayers = 4
  private static let normalizations = 3

  init(_ variables: KerasVariables, _ root: HDF5Group) throws(WeightsError) {
    let (convolutions, dense, normalizations) =
      variables.isLegacy ? KerasTemplate.legacyNames(variables) : KerasTemplate.numberedNames(root)
    let isBackbone = convolutions.count == KerasTemplate.blocks.reduce(0, +)
    let isHead =
      dense.count == KerasTemplate.denseLayers && normalizations.count == KerasTemplate.normalizations
    guard isBackbone || convolutions.isEmpty, isHead || dense.isEmpty, isBackbone || isHead else {
      throw WeightsError(
        .unsupported,
        "\(variables.file) has weights without an architecture: \(convolutions.count) convolutions, \(dense.count) "
          + "dense layers and \(normalizations.count) batch normalisations are neither VGG16 nor the embedding head; "
          + "save the whole model instead.")
    }
    if isBackbone { addBackbone(convolutions) }
    if isHead { addHead(dense, normalizations) }
  }

  private mutating func add(_ name: String, _ className: String, _ config: [String: JSONValue] = [:]) {
    layers.append(
      KerasLayer(
        name: name, className: className, config: .object(config),
        inputs: [layers.last?.name ?? Network.inputName], models: [], variables: ["layers", name]))
  }

  private mutating func addBackbone(_ names: [String]) {
    var next = names.makeIterator()
    for (block, count) in KerasTemplate.blocks.enumerated() {
      for _ in 0..<count {
        guard let name = next.next() else { return }
        add(name, "Conv2D", ["padding": .string("same"), "activation": .string("relu")])
      }
      add("pool\(block + 1)", "MaxPooling2D")
    }
  }

  private mutating func addHead(_ dense: [String], _ normalizations: [String]) {
    add("flatten", "Flatten")
    for (index, name) in dense.enumerated() {
      let isLast = index == dense.count - 1
      add(name, "Dense", ["activation": .string(isLast ? "linear" : "relu")])
      if !isLast { add(normalizations[index], "BatchNormalization") }
    }
  }

  /// Layers by what their variables are called, in the file's order.
  private static func legacyNames(_ variables: KerasVariables) -> ([String], [String], [String]) {
    var result: (convolutions: [String], dense: [String], normalizations: [String]) = ([], [], [])
    for name in variables.layerNames {
      let layer = KerasLayer(
        name: name, className: "", config: .null, inputs: [], models: [], variables: [])
      guard let found = try? variables.variables(of: layer, order: []) else { continue }
      if let kernel = found["kernel"] {
        if kernel.shape.count == 4 { result.convolutions.append(name) } else { result.dense.append(name) }
      } else if found["moving_mean"] != nil {
        result.normalizations.append(name)
      }
    }
    return result
  }

  /// Layers by Keras 3's group names, in their numbers' order.
  private static func numberedNames(_ root: HDF5Group) -> ([String], [String], [String]) {
    let groups = (root.groups["layers"] ?? root.groups["_layer_checkpoint_dependencies"])?.groups ?? [:]
    func names(_ prefix: String) -> [String] {
      var result: [String] = []
      while groups[result.isEmpty ? prefix : "\(prefix)_\(result.count)"] != nil {
        result.append(result.isEmpty ? prefix : "\(prefix)_\(result.count)")
      }
      return result
    }
    return (names("conv2d"), names("dense"), names("batch_normalization"))
  }
}
