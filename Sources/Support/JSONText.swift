public import Foundation

/// JSON as every front end writes it: names in snake_case and sorted, ISO 8601 dates, slashes as they are.
public enum JSONText {
  /// `value` in JSON.
  ///
  /// Names of members come from those of Swift properties: `squaredDistance` is `squared_distance`. The keys of
  /// dictionaries stay as they are, since they are data.
  ///
  /// - Parameters:
  ///   - value: What is written.
  ///   - indented: Whether it is for people: a member a line.
  /// - Throws: `EncodingError`, as for a number that is not finite.
  public static func data(_ value: some Encodable, indented: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if indented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return try encoder.encode(value)
  }
}
