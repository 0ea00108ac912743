/// A layer at its place in a network.
public struct Node: Sendable, Hashable {
  /// The layer's name; unique in the network.
  public var name: String
  /// The operation.
  public var layer: Layer
  /// The names of the nodes whose results it takes; `Network.inputName` is the network's input.
  public var inputs: [String]

  /// Makes a node.
  public init(_ name: String, _ layer: Layer, inputs: [String]) {
    self.name = name
    self.layer = layer
    self.inputs = inputs
  }

  /// The number of weights.
  public var parameterCount: Int {
    switch layer {
    case .convolution(let layer): layer.kernelCount + layer.bias.count
    case .dense(let layer): layer.inputs * layer.outputs + layer.bias.count
    case .batchNormalization(let layer): 4 * layer.channels
    case .activation(.prelu(let slopes)): slopes.count
    case .tensor(let operation):
      operation.operands.reduce(0) { if case .constant(let tensor) = $1 { $0 + tensor.count } else { $0 } }
    default: 0
    }
  }
}
