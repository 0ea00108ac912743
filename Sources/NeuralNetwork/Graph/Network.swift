/// A feed-forward network: layers in an order in which each follows what it takes.
public struct Network: Sendable, Hashable {
  /// The name of the network's input in `Node.inputs`.
  public static let inputName = "input"

  /// The images that it takes.
  public let input: InputShape
  /// The layers, each after those it takes from; the last one's result is the network's.
  public let nodes: [Node]
  /// How a photo becomes the input, where that is known.
  public var preprocessing: Preprocessing?
  /// The SHA-256 of the file that the weights came from, in hexadecimal, where that is known.
  public var sourceDigest: String?
  /// Further facts that our weights file keeps beside the network, such as `operating_point`.
  public var annotations: [String: String] = [:]

  /// Makes a network.
  ///
  /// - Throws: `NetworkError.Code.invalidGraph` when there is no layer, a name is used twice, or a layer takes
  ///   something that does not come before it.
  public init(input: InputShape, nodes: [Node], preprocessing: Preprocessing? = nil) throws(NetworkError) {
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
    guard !nodes.isEmpty else { throw NetworkError(.invalidGraph, "The network has no layers.") }
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
    guard let last = nodes.last else { return head }
    let taken = Set(nodes.map(\.name))
    func moved(_ name: String) -> String {
      name == Network.inputName ? last.name : taken.contains(name) ? "head/" + name : name
    }
    let added = head.nodes.map { Node(moved($0.name), $0.layer, inputs: $0.inputs.map(moved)) }
    var whole = try Network(input: input, nodes: nodes + added, preprocessing: preprocessing)
    whole.sourceDigest = sourceDigest
    whole.annotations = annotations.merging(head.annotations) { own, _ in own }
    return whole
  }

  /// The same network for images of one size.
  ///
  /// - Throws: `NetworkError` that names the layer which cannot have images of that size.
  public func fixed(height: Int, width: Int) throws(NetworkError) -> Network {
    _ = try shapes(height: height, width: width)
    let shape = InputShape(height: height, width: width, channels: input.channels)
    var fixed = try Network(input: shape, nodes: nodes, preprocessing: preprocessing)
    fixed.sourceDigest = sourceDigest
    fixed.annotations = annotations
    return fixed
  }
}
