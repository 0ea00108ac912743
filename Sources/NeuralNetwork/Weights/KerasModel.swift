/// The architecture in a Keras configuration: `model_config` of an HDF5 file or `config.json` of a `.keras` file.
struct KerasModel {
  private(set) var layers: [KerasLayer] = []
  private(set) var input = InputShape()
  private var names: Set<String> = [Network.inputName]

  /// Reads a configuration.
  init(_ document: JSONValue) throws(WeightsError) {
    guard let className = document["class_name"]?.string else {
      throw WeightsError(.damaged, "The model's configuration has no class_name.")
    }
    _ = try model(
      className, document["config"], name: className, inputs: [Network.inputName], models: [], variables: [])
    if layers.isEmpty { throw WeightsError(.unsupported, "The model's configuration has no layers.") }
  }

  /// Adds a model's layers; gives the name of the layer whose result is the model's.
  private mutating func model(
    _ className: String, _ config: JSONValue?, name: String, inputs: [String], models: [String],
    variables: [String]
  ) throws(WeightsError) -> String {
    guard ["Functional", "Model", "Sequential"].contains(className) else {
      throw WeightsError(
        .unsupported, "The model \(name) is a \(className), and only Sequential and Functional can be read.")
    }
    // Keras 2.2 and older wrote a Sequential's layers as the configuration itself.
    guard let entries = config?["layers"]?.array ?? config?.array else {
      throw WeightsError(.damaged, "The configuration of the model \(name) has no layers.")
    }
    var results: [String: String] = [:]
    var previous = inputs[0]
    var counts: [String: Int] = [:]
    var inputCount = 0
    for entry in entries {
      guard let kind = entry["class_name"]?.string, let config = entry["config"] else {
        throw WeightsError(.damaged, "A layer of the model \(name) has no class_name or config.")
      }
      let own = config["name"]?.string ?? entry["name"]?.string ?? "\(name)_\(results.count)"
      let group = uniqueGroup(kind, &counts)
      if models.isEmpty { noteInput(config) }
      if kind == "InputLayer" {
        guard inputCount == 0 else {
          throw WeightsError(
            .unsupported,
            "The model \(name) has a second input, \(own); only models of one input can be read.")
        }
        inputCount += 1
        results[own] = inputs[0]
        continue
      }
      var sources = [previous]
      if className != "Sequential" {
        sources = try inbound(entry["inbound_nodes"], of: own).map { results[$0] ?? $0 }
      }
      let path = variables + ["layers", group]
      if ["Functional", "Model", "Sequential"].contains(kind) {
        previous = try model(
          kind, config, name: own, inputs: sources, models: models + [own], variables: path)
        // The nested model's own name stands for its result.
        previous = add(
          own, "Activation", .object(["activation": .string("linear")]), [previous], models, path)
      } else {
        previous = add(own, kind, config, sources, models, path)
      }
      results[own] = previous
    }
    guard className != "Sequential", let output = config?["output_layers"] else { return previous }
    guard let last = output[0]?.string ?? output[0]?[0]?.string, output[1]?.array == nil,
      let result = results[last]
    else {
      throw WeightsError(
        .unsupported, "The model \(name) has several outputs; only models of one output can be read.")
    }
    return result
  }

  private mutating func add(
    _ own: String, _ kind: String, _ config: JSONValue, _ inputs: [String], _ models: [String],
    _ variables: [String]
  ) -> String {
    var name = own
    if names.contains(name) { name = (models + [own]).joined(separator: "/") }
    names.insert(name)
    layers.append(
      KerasLayer(
        name: name, className: kind, config: config, inputs: inputs, models: models, variables: variables))
    return name
  }

  /// The name by which Keras 3 stores a layer: its class in snake case, numbered.
  private func uniqueGroup(_ className: String, _ counts: inout [String: Int]) -> String {
    let name = KerasModel.snakeCase(className)
    let count = counts[name, default: 0]
    counts[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }

  /// Keras' `to_snake_case`: Conv2D is conv2d, MaxPooling2D is max_pooling2d.
  static func snakeCase(_ name: String) -> String {
    var result = ""
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
      if index > 0, character.isUppercase {
        let previous = characters[index - 1]
        let isFollowedByLower = index + 1 < characters.count && characters[index + 1].isLowercase
        if previous.isLowercase || (isFollowedByLower && (previous.isUppercase || previous.isNumber)) {
          result.append("_")
        }
      }
      result.append(Character(character.lowercased()))
    }
    return result
  }

  private mutating func noteInput(_ config: JSONValue) {
    guard let shape = (config["batch_shape"] ?? config["batch_input_shape"])?.array, shape.count == 4,
      let channels = shape[3].integer
    else { return }
    input = InputShape(height: shape[1].integer, width: shape[2].integer, channels: channels)
  }

  /// The layers that one takes from, in Keras 2's lists or Keras 3's objects.
  private func inbound(_ nodes: JSONValue?, of name: String) throws(WeightsError) -> [String] {
    guard let nodes = nodes?.array, let node = nodes.first else {
      throw WeightsError(.damaged, "Layer \(name) is connected to nothing.")
    }
    guard nodes.count == 1 else {
      throw WeightsError(
        .unsupported,
        "Layer \(name) is used \(nodes.count) times; only models that use each layer once can be read.")
    }
    var result: [String] = []
    if let arguments = node["args"] {
      collectTensors(arguments, &result)
    } else if let first = node[0]?.string {
      result.append(first)
    } else {
      for source in node.array ?? [] { if let name = source[0]?.string { result.append(name) } }
    }
    guard !result.isEmpty else { throw WeightsError(.damaged, "Layer \(name) is connected to nothing.") }
    return result
  }

  private func collectTensors(_ value: JSONValue, _ result: inout [String]) {
    if let name = value["config"]?["keras_history"]?[0]?.string {
      result.append(name)
    } else {
      for element in value.array ?? [] { collectTensors(element, &result) }
    }
  }
}

/// A layer of a Keras model as its configuration states it, taken out of the models that nest it.
struct KerasLayer {
  /// The layer's own name.
  var name: String
  /// Keras' class.
  var className: String
  var config: JSONValue
  /// The names of the layers that it takes from, `Network.inputName` for the model's input.
  var inputs: [String]
  /// The models around it, outermost first, by name.
  var models: [String]
  /// The group of its variables in Keras 3's layout: `layers/sequential/layers/conv2d`.
  var variables: [String]
}
