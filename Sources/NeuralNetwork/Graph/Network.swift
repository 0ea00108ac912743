/// A feed-forward network: layers in an order in which each follows what it takes.
public struct Network: Sendable, Hashable {
  /// The name of the network's input in `Node.inputs`.
  public static let inputName = "input"

  /// The images that it takes.
  public private(set) var input: InputShape
  /// The layers, each after those it takes from; the last one's result is the network's.
  public let nodes: [Node]
  /// The layers whose results are the network's, in order; the last layer unless the file has several results.
  public let outputs: [String]
  /// How a photo becomes the input, where that is known.
  public var preprocessing: Preprocessing?
  /// The SHA-256 of the file that the weights came from, in hexadecimal, where that is known.
  public var sourceDigest: String?
  /// Further facts that our weights file keeps beside the network, such as `operating_point`.
  public var annotations: [String: String] = [:]

  /// Makes a network.
  ///
  /// - Parameter outputs: The layers whose results are the network's; nil is the last one.
  /// - Throws: `NetworkError.Code.invalidGraph` when there is no layer, an output is none of them, a name is used twice, or a layer takes
  ///   something that does not come before it.
  public init(
    input: InputShape, nodes: [Node], outputs: [String]? = nil, preprocessing: Preprocessing? = nil
  ) throws(NetworkError) {
    var known: Set<String> = [Network.inputName]
    for node in nodes {
      guard node.inputs.count == node.layer.arity else {
        throw NetworkError(
          .invalidGraph,
          "Layer \(node.name) takes \(node.layer.arity) input(s) and is given \(node.inputs.count).")
      }
      for name in node.inputs where !known.contains(name) {
        throw NetworkError(
          .invalidGraph, "Layer \(node.name) takes the result of \(name), which does not come before it.")
      }
      guard known.insert(node.name).inserted else {
        throw NetworkError(.invalidGraph, "Two layers are named \(node.name).")
      }
    }
    guard let last = nodes.last else { throw NetworkError(.invalidGraph, "The network has no layers.") }
    for name in outputs ?? [] where !known.contains(name) || name == Network.inputName {
      throw NetworkError(.invalidGraph, "The network has no layer named \(name) to give its result.")
    }
    self.outputs = outputs?.isEmpty ?? true ? [last.name] : outputs ?? []
    self.input = input
    self.nodes = nodes
    self.preprocessing = preprocessing
  }

  /// The number of weights.
  public var parameterCount: Int { nodes.reduce(0) { $0 + $1.parameterCount } }

  /// This network followed by another that takes its result; layers of the other whose names are taken here are
  /// called `head/NAME`.
  ///
  /// - Throws: `NetworkError.Code.invalidGraph` when names collide even so.
  public func followed(by head: Network) throws(NetworkError) -> Network {
    guard let last = outputs.last else { return head }
    let taken = Set(nodes.map(\.name))
    func moved(_ name: String) -> String {
      name == Network.inputName ? last : taken.contains(name) ? "head/" + name : name
    }
    let added = head.nodes.map { Node(moved($0.name), $0.layer, inputs: $0.inputs.map(moved)) }
    var whole = try Network(
      input: input, nodes: nodes + added, outputs: head.outputs.map(moved), preprocessing: preprocessing)
    whole.sourceDigest = sourceDigest
    whole.annotations = annotations.merging(head.annotations) { own, _ in own }
    return whole
  }

  /// The network up to the result of one layer, which becomes its only one; layers that it does not take are left out.
  ///
  /// - Throws: `NetworkError.Code.invalidGraph` when there is no layer of that name.
  public func ending(with output: String) throws(NetworkError) -> Network {
    var needed: Set<String> = [output]
    for node in nodes.reversed() where needed.contains(node.name) { needed.formUnion(node.inputs) }
    var part = try Network(
      input: input, nodes: nodes.filter { needed.contains($0.name) }, outputs: [output],
      preprocessing: preprocessing)
    (part.sourceDigest, part.annotations) = (sourceDigest, annotations)
    return part
  }

  /// The same network for images of one size.
  ///
  /// - Throws: `NetworkError` that names the layer which cannot have images of that size.
  public func fixed(height: Int, width: Int) throws(NetworkError) -> Network {
    _ = try shapes(height: height, width: width)
    return with(InputShape(height: height, width: width, channels: input.channels))
  }

  /// The same network for images of any size, whatever the size on record: a detector's file often has that of an
  /// example. Sizes that the layers cannot have are refused when a plan is made.
  public func anySize() -> Network { with(InputShape(channels: input.channels)) }

  private func with(_ input: InputShape) -> Network {
    var network = self
    network.input = input
    return network
  }
}

extension Network {
  /// The image size that the network is meant for: the one on record or, where a side is free, the first square that
  /// every layer accepts: 224, else a multiple of 32, else of 16, as 112 is, before all others.
  ///
  /// VGG16's convolutions take any size; the dense layer behind them fixes it: 25088 inputs mean 224 × 224.
  ///
  /// - Throws: `NetworkError.Code.wrongInput` when no square from 32 to 1024 fits, as for a network of oblong images
  ///   whose size is not on record.
  public func preferredSize() throws(NetworkError) -> (height: Int, width: Int) {
    if let height = input.height, let width = input.width { return (height, width) }
    let usual = [32, 16].flatMap { Array(stride(from: 32, through: 1024, by: $0)) }
    for side in [224] + usual + Array(32..<256) {
      let (height, width) = (input.height ?? side, input.width ?? side)
      if (try? shapes(height: height, width: width)) != nil { return (height, width) }
    }
    // What 224 is refused for is the best reason to give.
    _ = try shapes(height: input.height ?? 224, width: input.width ?? 224)
    throw NetworkError(.wrongInput, "No image size fits the network.")
  }
}
