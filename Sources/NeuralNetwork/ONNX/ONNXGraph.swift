/// What the importer takes from an ONNX file.
struct ONNXGraph {
  /// An operator with its options.
  struct Operator {
    var name: String
    var kind: String
    var domain: String
    var inputs: [String]
    var outputs: [String]
    var integers: [String: [Int]] = [:]
    var reals: [String: [Float]] = [:]
    var words: [String: String] = [:]
    var tensors: [String: TensorValue] = [:]

    /// How messages call it.
    var title: String { "Node \(name) (\(kind))" }
    /// The same within a sentence.
    var place: String { "node \(name) (\(kind))" }

    func integer(_ option: String, default value: Int) -> Int { integers[option]?.first ?? value }
    func real(_ option: String, default value: Float) -> Float { reals[option]?.first ?? value }
  }

  /// An input or output of the graph; an extent that the file leaves open is nil.
  struct Port {
    var name: String
    var extents: [Int?]
  }

  var opset: Int
  var operators: [Operator]
  var constants: [String: TensorValue]
  /// The types of the constants whose numbers do not tell it.
  var types: [String: WholeType] = [:]
  var inputs: [Port]
  var outputs: [Port]

  /// Where a value is taken first, for messages: " at node …", or nothing where no operator takes it.
  func place(of name: String) -> String {
    operators.first { $0.inputs.contains(name) }.map { " at \($0.place)" } ?? ""
  }
}

/// A type of whole numbers that activations may be quantised to, by ONNX's number.
enum WholeType: Int {
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5

  var range: ClosedRange<Int> {
    switch self {
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65_535
    case .int16: -32_768...32_767
    }
  }
}
