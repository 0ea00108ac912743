/// The embedding head's layers: Dense → ReLU → batch normalisation → dropout, several times, then Dense.
public struct HeadShape: Sendable, Hashable, Codable {
  /// Values of a flattened feature map.
  public var inputs: Int
  /// Units of the dense layers; the last has neither ReLU nor normalisation.
  public var units: [Int]
  /// The share of values that dropout zeroes behind each hidden layer; 0 is no dropout.
  public var dropout: [Float]

  /// A head; by default the seed's: 512, 256, 128, 128, with dropout 0.3 behind the first two.
  ///
  /// - Precondition: There is a dense layer, every width is positive, and every hidden layer has a dropout from 0
  ///   to below 1.
  public init(inputs: Int, units: [Int] = [512, 256, 128, 128], dropout: [Float] = [0.3, 0.3, 0]) {
    precondition(inputs > 0 && !units.isEmpty && units.allSatisfy { $0 > 0 }, "layers have units")
    precondition(
      dropout.count == units.count - 1 && dropout.allSatisfy { (0..<1).contains($0) },
      "every hidden layer has a dropout from 0 to below 1")
    self.inputs = inputs
    self.units = units
    self.dropout = dropout
  }

  /// Components of an embedding.
  public var dimension: Int { units[units.count - 1] }

  /// Layers with ReLU and normalisation.
  public var hiddenLayers: Int { units.count - 1 }

  /// Values that a dense layer takes.
  func inputs(of layer: Int) -> Int { layer == 0 ? inputs : units[layer - 1] }
}
