/// Why the head of a tensor file cannot be used.
public struct TensorFileError: Error, Sendable, Hashable {
  /// The sort of trouble.
  public enum Code: Sendable, Hashable {
    /// The file is of another form, or its head cannot be read.
    case unreadable
    /// The file ends before it should.
    case truncated
    /// An extent, a type or an order of the elements that is not read here.
    case wrongShape
  }

  /// The sort of trouble.
  public let code: Code
  /// What is wrong, to follow the file's name: “it ends within its header”.
  public let what: String

  init(_ code: Code, _ what: String) {
    self.code = code
    self.what = what
  }
}
