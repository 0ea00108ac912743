/// The parameters behind the question mark (`application/x-www-form-urlencoded`).
///
/// Parameters that cannot be decoded are left out; of a name that is given twice the last counts.
public struct QueryString: Sendable, Hashable {
  /// At most so many parameters are read.
  static let maximumCount = 256

  private let values: [String: String]

  /// Reads a query without its question mark.
  public init(_ text: String) {
    var values: [String: String] = [:]
    for pair in text.utf8.split(separator: UInt8(ascii: "&")).prefix(Self.maximumCount) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
        let value = parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
      else { continue }
      values[name] = value
    }
    self.values = values
  }

  /// A parameter as text.
  public subscript(_ name: String) -> String? { values[name] }

  /// A parameter as a whole number within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is no such number.
  public func integer(_ name: String, in range: ClosedRange<Int>) throws(HTTPFailure) -> Int? {
    guard let text = values[name], !text.isEmpty else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw Self.unfit(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A parameter as a number within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is no such number.
  public func number(_ name: String, in range: ClosedRange<Double>) throws(HTTPFailure) -> Double? {
    guard let text = values[name], !text.isEmpty else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw Self.unfit(name, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A parameter as `true` or `false`.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is neither.
  public func flag(_ name: String) throws(HTTPFailure) -> Bool? {
    guard let text = values[name], !text.isEmpty else { return nil }
    switch text.lowercased() {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default: throw Self.unfit(name, "true or false")
    }
  }

  private static func unfit(_ name: String, _ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-parameter", "The parameter \(name) must be \(what).", number: 26)
  }
}
