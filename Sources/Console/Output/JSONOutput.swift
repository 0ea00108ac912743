import Foundation

/// Writes values as JSON the way every command does.
public enum JSONOutput {
  /// `value` as indented JSON with sorted keys, ISO 8601 dates and unescaped slashes, ending in a newline.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
