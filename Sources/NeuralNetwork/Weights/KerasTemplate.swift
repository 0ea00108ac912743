/// The architecture that weights without a configuration are taken for: VGG16's convolutions, the embedding head, or
/// one behind the other.
struct KerasTemplate {
  private(set) var layers: [KerasLayer] = []

  /// Convolutions in each of VGG16's five blocks.
  private static let blocks = [2, 2, 3, 3, 3]
  private static let denseLayers = 4
  private static let normalizations = 3

  /// Where a layer's variables are.
  private struct Place {
    var name: String
    var models: [String] = []
    var variables: [String] = []
  }

  /// The layers that a file has variables of, by kind, in the order in which they follow each other.
  private struct Places {
    var convolutions: [Place] = []
    var dense: [Place] = []
    var normalizations: [Place] = []
  }

  init(_ variables: KerasVariables, _ root: HDF5Group) throws(WeightsError) {
    let places = variables.isLegacy ? try KerasTemplate.legacy(variables) : KerasTemplate.numbered(root)
    let (convolutions, dense, normalizations) = (places.convolutions, places.dense, places.normalizations)
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

  private mutating func add(_ place: Place, _ className: String, _ config: [String: JSONValue] = [:]) {
    layers.append(
      KerasLayer(
        name: place.name, className: className, config: .object(config),
        inputs: [layers.last?.name ?? Network.inputName], models: place.models, variables: place.variables))
  }

  private mutating func addBackbone(_ places: [Place]) {
    var next = places.makeIterator()
    for (block, count) in KerasTemplate.blocks.enumerated() {
      for _ in 0..<count {
        guard let place = next.next() else { return }
        add(place, "Conv2D", ["padding": .string("same"), "activation": .string("relu")])
      }
      add(Place(name: "pool\(block + 1)"), "MaxPooling2D")
    }
  }

  private mutating func addHead(_ dense: [Place], _ normalizations: [Place]) {
    add(Place(name: "flatten"), "Flatten")
    for (index, place) in dense.enumerated() {
      let isLast = index == dense.count - 1
      add(place, "Dense", ["activation": .string(isLast ? "linear" : "relu")])
      if !isLast { add(normalizations[index], "BatchNormalization") }
    }
  }

  /// Layers by what their variables are called, in the file's order; a nested model has those of its layers in its group.
  private static func legacy(_ variables: KerasVariables) throws(WeightsError) -> Places {
    var result = Places()
    var taken: Set<String> = []
    for group in variables.layerNames {
      let own = try variables.layers(inGroup: group)
      for name in own.count > 1 ? own : [group] {
        let models = own.count > 1 ? [group] : []
        let isNew = taken.insert(name).inserted
        let place = Place(name: isNew ? name : "\(group)/\(name)", models: models)
        let layer = KerasLayer(
          name: place.name, className: "", config: .null, inputs: [], models: models, variables: [])
        guard let found = try? variables.variables(of: layer, order: []) else { continue }
        if let kernel = found["kernel"] {
          if kernel.shape.count == 4 { result.convolutions.append(place) } else { result.dense.append(place) }
        } else if found["moving_mean"] != nil {
          result.normalizations.append(place)
        }
      }
    }
    return result
  }

  /// Layers by Keras 3's group names, in their numbers' order, wherever models are nested.
  private static func numbered(_ root: HDF5Group) -> Places {
    func places(_ prefix: String, _ group: HDF5Group, _ path: [String]) -> [Place] {
      for container in ["layers", "_layer_checkpoint_dependencies"] {
        guard let layers = group.groups[container]?.groups else { continue }
        var result: [Place] = []
        while true {
          let name = result.isEmpty ? prefix : "\(prefix)_\(result.count)"
          guard layers[name] != nil else { break }
          result.append(Place(name: name, variables: path + ["layers", name]))
        }
        if !result.isEmpty { return result }
        for (name, model) in layers.sorted(by: { $0.key < $1.key }) {
          let nested = places(prefix, model, path + ["layers", name])
          if !nested.isEmpty { return nested }
        }
      }
      return []
    }
    return Places(
      convolutions: places("conv2d", root, []), dense: places("dense", root, []),
      normalizations: places("batch_normalization", root, []))
  }
}
