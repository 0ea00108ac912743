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
  var inputs: [Port]
  var outputs: [Port]

  /// Where a value is taken first, for messages: " at node …", or nothing where no operator takes it.
  func place(of name: String) -> String {
    operators.first { $0.inputs.contains(name) }.map { " at \($0.place)" } ?? ""
  }
}
