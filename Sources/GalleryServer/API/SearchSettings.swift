internal import FaceGallery
internal import HTTPServing

/// What a request says of how it is to be answered.
struct SearchSettings: Decodable {
  static let maximumEF = 10_000

  var k: Int?
  var groupBy: QueryOptions.Grouping?
  var threshold: Double?
  var exact: Bool?
  var ef: Int?
  /// Marks that a face or its person must have; nil is any value.
  var conditions: [String: String?]?

  enum CodingKeys: String, CodingKey {
    case k, threshold, exact, ef
    case conditions = "where"
    case groupBy = "group_by"
  }

  /// The same when all numbers are within limits.
  ///
  /// - Throws: ``HTTPFailure`` 400.
  func checked() throws(HTTPFailure) -> SearchSettings {
    if let k, !(1...GalleryRoutes.maximumCandidates).contains(k) {
      throw Self.unfit("k", "from 1 to \(GalleryRoutes.maximumCandidates)")
    }
    if let threshold, !(-1...1).contains(threshold) { throw Self.unfit("threshold", "from -1 to 1") }
    if let conditions, conditions.keys.contains(where: { $0.isEmpty || $0.contains("=") }) {
      throw Self.unfit("where", "an object of keys, none of them empty or with a “=”, and their values")
    }
    if let ef, !(1...Self.maximumEF).contains(ef) { throw Self.unfit("ef", "from 1 to \(Self.maximumEF)") }
    return self
  }

  func options() -> QueryOptions {
    QueryOptions(
      k: k ?? 5, grouping: groupBy ?? .person, threshold: threshold.map { Float($0) },
      plan: exact == true ? .exact : .automatic, ef: ef,
      conditions: (conditions ?? [:]).sorted { $0.key < $1.key }.map { MetadataCondition(key: $0, value: $1) }
    )
  }

  /// Conditions as they stand in a query: `team=red,cleared`.
  static func conditions(_ text: String?) throws(HTTPFailure) -> [String: String?]? {
    guard let text else { return nil }
    var conditions: [String: String?] = [:]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let condition = MetadataCondition(String(word)) else {
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

  private static func unfit(_ name: String, _ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-parameter", "The value of \(name) must be \(what).", number: 26)
  }
}
