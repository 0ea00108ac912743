public import FaceGallery

/// What came of a change to another engine, in JSON.
public struct ReembeddingRecord: Encodable, Sendable {
  /// A face whose embedding could not be made again.
  public struct MissingFace: Encodable, Sendable {
    /// The face's number.
    public let face: UInt64
    /// The number of the person whose face it is; absent for a face without a name.
    public let person: UInt64?
    /// The person's name.
    public let name: String?
    /// Where its photo was when it was added.
    public let photo: String?
    /// Why there is no new embedding, as a sentence.
    public let reason: String
    /// What stands in the way: `photo` (it is missing or damaged), `unfound` (the engine does not find the face) or `system`.
    public let cause: String
  }

  /// Whether this change made the gallery the new engine's; false when it was so before.
  public let isSwitched: Bool
  /// Faces embedded by this run.
  public let embedded: Int
  /// Faces that an earlier run had embedded.
  public let resumed: Int
  /// Faces without a new embedding.
  public let missing: [MissingFace]
  /// How many of those were removed.
  public let dropped: Int
  /// What could not be done of what is derived, a sentence each.
  public let warnings: [String]

  /// The record of a report.
  ///
  /// - Parameter others: Warnings beside the report's own.
  public init(_ report: ReembeddingReport, warnings others: [String] = []) {
    isSwitched = report.isSwitched
    (embedded, resumed, dropped) = (report.embedded, report.resumed, report.dropped)
    missing = report.missing.map {
      MissingFace(
        face: $0.face.rawValue, person: $0.person?.rawValue, name: $0.name, photo: $0.path,
        reason: $0.reason, cause: $0.cause.rawValue)
    }
    warnings = report.warnings + others
  }
}
