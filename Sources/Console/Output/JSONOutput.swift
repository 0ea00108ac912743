internal import Support

/// Writes values as JSON the way every command does.
public enum JSONOutput {
  /// `value` as indented JSON by the rules of `JSONText`, ending in a newline.
  ///
  /// - Parameter warnings: Sentences for a member `warnings` of the object that `value` is, which has none without any.
  public static func text(_ value: some Encodable, warnings: [String] = []) throws -> String {
    guard warnings.isEmpty else { return try text(Warned(value: value, warnings: warnings)) }
    return String(decoding: try JSONText.data(value, indented: true), as: UTF8.self) + "\n"
  }

  /// `value` as JSON in one line, ending in a newline.
  public static func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSONText.data(value), as: UTF8.self) + "\n"
  }

  /// An object with one more member.
  private struct Warned<Value: Encodable>: Encodable {
    let value: Value
    let warnings: [String]

    private enum Key: CodingKey { case warnings }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
      var object = encoder.container(keyedBy: Key.self)
      try object.encode(warnings, forKey: .warnings)
    }
  }
}
