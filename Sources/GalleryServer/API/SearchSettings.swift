internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing

/// What a request says of how it is to be answered.
struct SearchSettings: Decodable {
  var k: Int?
  var groupBy: QueryOptions.Grouping?
  /// A person is judged by the mean of so many most similar faces.
  var best: Int?
  var threshold: Double?
  var exact: Bool?
  var ef: Int?
  /// Tags that a face or its person must have; nil is any value.
  var conditions: [String: String?]?

  enum CodingKeys: String, CodingKey {
    case k, best, threshold, exact, ef
    case conditions = "where"
    case groupBy = "group_by"
  }

  /// The same when all numbers are within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400.
  func checked() throws(HTTPFailure) -> SearchSettings {
    try Self.check("k", k, OptionLimits.candidates)
    try Self.check("best", best, OptionLimits.facesOfMean)
    try Self.check("ef", ef, OptionLimits.ef)
    if let threshold, !OptionLimits.threshold.contains(threshold) {
      throw Self.unfit("threshold", "from -1 to 1")
    }
    if let conditions, conditions.keys.contains(where: { $0.isEmpty || $0.contains("=") }) {
      throw Self.unfit("where", "an object of keys, none of them empty or with a “=”, and their values")
    }
    return self
  }

  func options() -> QueryOptions {
    var options = QueryOptions(
      threshold: threshold.map { Float($0) }, plan: exact == true ? .exact : .automatic, ef: ef,
      conditions: Self.tagConditions(conditions)
    )
    if let k { options.k = k }
    if let groupBy { options.grouping = groupBy }
    if let best { options.rule = .init(faces: best) }
    return options
  }

  private static func tagConditions(_ conditions: [String: String?]?) -> [TagCondition] {
    (conditions ?? [:]).sorted { $0.key < $1.key }.map { TagCondition(key: $0, value: $1) }
  }

  /// Conditions as they stand in a query, for what is tagged so.
  static func tagConditions(_ text: String?) throws(HTTPFailure) -> [TagCondition] {
    tagConditions(try conditions(text))
  }

  /// Conditions as they stand in a query: `team=red,cleared`.
  static func conditions(_ text: String?) throws(HTTPFailure) -> [String: String?]? {
    guard let text else { return nil }
    var conditions: [String: String?] = [:]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let condition = TagCondition(String(word)) else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter where must be KEY or KEY=VALUE, several with commas.",
          number: 26)
      }
      if let before = conditions.updateValue(condition.value, forKey: condition.key),
        before != condition.value
      {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter where asks for two values of \(condition.key).", number: 26)
      }
    }
    return conditions
  }

  private static func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws(HTTPFailure) {
    if let value, !range.contains(value) {
      throw unfit(name, "from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private static func unfit(_ name: String, _ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-parameter", "The value of \(name) must be \(what).", number: 26)
  }
}
