/// What a face, or its person, must be tagged with to be among the answers.
public struct TagCondition: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The key.
  public var key: String
  /// The value; nil is any.
  public var value: String?

  /// A condition by its parts.
  public init(key: String, value: String? = nil) {
    self.key = key
    self.value = value
  }

  /// A condition as it is written on a command line: `key=value`, or `key` for any value. Nil when there is no key.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let key = parts.first, !key.isEmpty else { return nil }
    self.init(key: key, value: parts.count > 1 ? parts[1] : nil)
  }

  /// The condition as it is written on a command line.
  public var description: String { value.map { "\(key)=\($0)" } ?? key }
}
