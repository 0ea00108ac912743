internal import Support

/// The parameters behind the question mark (`application/x-www-form-urlencoded`).
///
/// Of a parameter that cannot be understood nothing is left but what ``check(known:)`` says of it, so a query is checked
/// before it is used.
public struct QueryString: Sendable, Hashable {
  /// At most so many parameters are read.
  static let maximumCount = 256

  /// The different values of each parameter, in their order.
  private var values: [String: [String]] = [:]
  /// The names in their order.
  private var names: [String] = []
  /// The first thing that cannot be understood whatever parameters are known.
  private var problem: HTTPFailure?
  /// The first parameter without a value.
  private var empty: String?
  /// Whether nothing stands where a parameter could, as in `?` and `?&a=1`: some clients write so, others have lost a parameter.
  public let hasGap: Bool

  /// The query of a request that has none.
  public init() { hasGap = false }

  /// Reads a query without its question mark.
  public init(_ text: String) {
    let all = text.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    // Nothing between two separators is no parameter.
    let pairs = all.filter { !$0.isEmpty }
    hasGap = pairs.count < all.count
    guard pairs.count <= Self.maximumCount else {
      problem = Self.failure("The request has more than \(Self.maximumCount) parameters.")
      return
    }
    for pair in pairs {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let raw = String(parts[0]) ?? ""
      guard let name = Self.decode(parts[0]), let value = parts.count > 1 ? Self.decode(parts[1]) : "" else {
        note(
          "The parameter \(Self.shown(raw)) cannot be decoded; percent-encode its name and value as UTF-8.")
        continue
      }
      guard !value.isEmpty else {
        if empty == nil { empty = name }
        // Its name may be unknown as well, which says more.
        names.append(name)
        continue
      }
      if values[name]?.contains(value) != true { values[name, default: []].append(value) }
      names.append(name)
    }
  }

  /// Checks that everything was understood.
  ///
  /// - Parameters:
  ///   - known: The names of the parameters that may be there.
  ///   - lists: Those of them that may be there several times, see ``list(_:)``.
  ///   - passingOverUnknown: Whether parameters that are unknown or empty are passed over.
  /// - Throws: ``HTTPFailure`` 400 that names a parameter that is unknown, cannot be decoded, is empty or has two values, or
  ///   says that there are too many.
  public func check(
    known: Set<String>, lists: Set<String> = [], passingOverUnknown: Bool = false
  ) throws(HTTPFailure) {
    if !passingOverUnknown, let unknown = names.first(where: { !known.contains($0) }) {
      throw Self.failure(
        "The parameter \(Self.shown(unknown)) is not known here"
          + (known.isEmpty ? ", nor is any other." : "; known are \(known.sorted().joined(separator: ", ")).")
      )
    }
    if let problem { throw problem }
    if !passingOverUnknown, let empty {
      throw Self.failure(
        "The parameter \(Self.shown(empty)) is empty; give it a value, or leave it out.")
    }
    let double = names.first {
      known.contains($0) && values[$0, default: []].count > 1 && !lists.contains($0)
    }
    if let name = double {
      throw Self.failure("The parameter \(Self.shown(name)) has two values; give it one.")
    }
  }

  /// The names of the parameters that are not among these, each once.
  public func names(without known: Set<String>) -> [String] {
    var seen = known
    return names.filter { seen.insert($0).inserted }
  }

  /// A parameter as text, never empty.
  public subscript(_ name: String) -> String? { values[name]?.first }

  /// A parameter as a list of words: those between its commas, of each of its values, without blanks around them.
  public func list(_ name: String) -> [String] {
    values[name, default: []].flatMap { value in
      value.split(separator: ",", omittingEmptySubsequences: false).map { word in
        String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
  }

  /// A parameter as a whole number within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is no such number.
  public func integer(_ name: String, in range: ClosedRange<Int>) throws(HTTPFailure) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(plain: text), range.contains(value) else {
      throw Self.unfit(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A parameter as any whole number; the least or the greatest that `Int` holds stands for one beyond.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is none.
  public func integer(_ name: String) throws(HTTPFailure) -> Int? {
    guard let text = self[name] else { return nil }
    if let value = Int(plain: text) { return value }
    let digits = text.first == "-" ? text.dropFirst() : text[...]
    guard digits.utf8.allSatisfy(Byte.isDigit), let first = digits.first, first != "0" else {
      throw Self.unfit(name, "a whole number")
    }
    return digits.count < text.count ? .min : .max
  }

  /// A parameter as a number within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is no such number.
  public func number(_ name: String, in range: ClosedRange<Double>) throws(HTTPFailure) -> Double? {
    guard let text = self[name] else { return nil }
    guard let value = Double(plain: text), range.contains(value) else {
      throw Self.unfit(name, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A parameter as `true` or `false`.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is neither.
  public func flag(_ name: String) throws(HTTPFailure) -> Bool? {
    guard let text = self[name] else { return nil }
    switch text.asciiLowercased() {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default: throw Self.unfit(name, "true or false")
    }
  }

  private mutating func note(_ sentence: String) {
    if problem == nil { problem = Self.failure(sentence) }
  }

  /// The decoded text; nil also for one with a NUL, which ends texts elsewhere.
  private static func decode(_ bytes: Substring.UTF8View) -> String? {
    guard let text = PercentEncoding.decode(bytes, plusIsSpace: true), !text.utf8.contains(0) else {
      return nil
    }
    return text
  }

  /// A name as a message shows it.
  private static func shown(_ name: String) -> String {
    name.isEmpty ? "without a name" : String(name.prefix(64))
  }

  private static func unfit(_ name: String, _ what: String) -> HTTPFailure {
    failure("The parameter \(name) must be \(what).")
  }

  private static func failure(_ sentence: String) -> HTTPFailure {
    HTTPFailure(400, "bad-parameter", sentence, number: 26)
  }
}
