/// An operation on arrays of any number of axes, as ONNX defines it, for a batch of one.
///
/// These are the operations that networks use seldom, or on few numbers. They run on row-major memory by plain code on
/// one thread.
public struct TensorOperation: Sendable, Hashable {
  /// What is done.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Sums, element by element; extents of 1 are repeated, as in all six that follow.
    case add
    /// Differences.
    case subtract
    /// Products.
    case multiply
    /// Quotients; of whole numbers towards zero.
    case divide
    /// The first to the power of the second.
    case power
    /// The greater of two.
    case maximum
    /// The smaller of two.
    case minimum
    /// x where it is positive, else x · the second operand.
    case prelu
    /// Axes in another order.
    case transpose
    /// Other extents for the same numbers; the second operand has them, 0 for the same and −1 for the rest.
    case reshape
    /// Two axes: those before an axis, and the others.
    case flatten
    /// Extents of 1 taken away; the second operand, if any, names them.
    case squeeze
    /// Extents of 1 put in where the second operand says.
    case unsqueeze
    /// Arrays one behind the other along an axis.
    case concatenate
    /// A part; the operands are starts, ends, axes and steps.
    case slice
    /// Places around; the operands are how many, and the value.
    case pad
    /// Extents of 1 repeated to those of the second operand.
    case expand
    /// The elements that the second operand counts, along an axis.
    case gather
    /// Another height and width; the operands are a region that is not used, factors, and extents.
    case resize
    /// Means over axes; the second operand names them.
    case reduceMean
    /// Sums over axes.
    case reduceSum
    /// Roots of sums of squares over axes.
    case reduceL2
    /// Maxima over axes.
    case reduceMaximum
    /// eˣ over the sum of them along an axis.
    case softmax
    /// Over the root of the sum of squares along an axis.
    case normalize
    /// A matrix product.
    case product
    /// A transposed convolution; the operands are kernel (input × output × height × width) and bias.
    case transposedConvolution
    /// The extents.
    case shape
    /// As another type; to whole numbers towards zero, to truth values 0 and 1.
    case cast
    /// The same numbers in row-major order.
    case rowMajor
    /// x / scale, rounded to the nearest whole number, of two the even one, plus a zero point, between `least` and `most`; the other
    /// operands are scales and zero points, one for all or one for each place along `axis`.
    case quantize
    /// (x − zero point) · scale; operands as for `quantize`.
    case dequantize
  }

  /// Where an operand comes from.
  public enum Operand: Sendable, Hashable {
    /// The next of the node's inputs.
    case result
    /// Numbers of the file.
    case constant(Tensor)
    /// Whole numbers of the file.
    case integers(shape: [Int], values: [Int])
    /// An optional operand that is not given.
    case absent
  }

  /// What is done.
  public var kind: Kind
  /// What it is done to.
  public var operands: [Operand]
  /// Options that are whole numbers, such as `axis` or `perm`.
  public var integers: [String: [Int]]
  /// Options that are words, such as `mode`.
  public var words: [String: String]

  /// Makes an operation.
  public init(
    _ kind: Kind, _ operands: [Operand] = [.result], integers: [String: [Int]] = [:],
    words: [String: String] = [:]
  ) {
    self.kind = kind
    self.operands = operands
    self.integers = integers
    self.words = words
  }

  /// An option that is one whole number.
  func integer(_ name: String, default value: Int) -> Int { integers[name]?.first ?? value }
}
