import NeuralNetwork

/// Extents in the order of the description, nil for any: in JSON an array, in a table `112×112×3`.
struct ShapeRecord: Encodable, CustomStringConvertible {
  let extents: [Int?]

  init(_ shape: InputShape) { extents = [shape.height, shape.width, shape.channels] }

  init(_ shape: ActivationShape) {
    switch shape {
    case .image(let height, let width, let channels): extents = [height, width, channels]
    case .vector(let count): extents = [count]
    case .tensor(let all): extents = all
    }
  }

  var description: String { extents.map { $0.map(String.init) ?? "any" }.joined(separator: "×") }

  func encode(to encoder: any Encoder) throws { try extents.encode(to: encoder) }
}

/// A result of a network: its name and shape.
struct OutputRecord: Encodable {
  let name: String
  /// Nil when no image of the network's size tells it.
  let shape: ShapeRecord?
}

extension [OutputRecord] {
  /// The shape of the only result, else the name and shape of each.
  var text: String {
    if count == 1, let shape = first?.shape { return shape.description }
    return map { "\($0.name) \($0.shape?.description ?? "")" }.joined(separator: ", ")
  }
}

extension Network {
  /// The results for images of this size.
  ///
  /// - Throws: `NetworkError` when images of that size do not fit.
  func outputRecords(height: Int, width: Int) throws -> [OutputRecord] {
    let shapes = try shapes(height: height, width: width)
    let known = Dictionary(zip(nodes.map(\.name), shapes)) { first, _ in first }
    return outputs.map { OutputRecord(name: $0, shape: known[$0].map(ShapeRecord.init)) }
  }
}
