public import FaceGallery

/// What a check read and what it found, in JSON.
public struct HealthRecord: Encodable, Sendable {
  /// Whether nothing is wrong, or nothing any more.
  public let healthy: Bool
  /// People read.
  public let people: Int
  /// Faces read.
  public let faces: Int
  /// Thumbnails read.
  public let thumbnails: Int
  /// Entries of the change log read.
  public let changes: Int
  /// Records of older versions, without a checksum.
  public let withoutChecksum: Int
  /// Links of the graph; absent when there is none.
  public let links: Int?
  /// Share of the ten nearest faces that the graph found; absent when there is none.
  public let recall: Double?
  /// People of one name, written differently, older ones first, a group each.
  public let namesakes: [[PersonRecord]]
  /// What is remarkable and not wrong.
  public let remarks: [String]
  /// What is wrong, or was before it was repaired.
  public let findings: [Finding]
  /// What somebody should look at; absent when that was not looked for.
  public let review: ReviewRecord?

  /// One kind of damage, in JSON.
  public struct Finding: Encodable, Sendable {
    /// The part of the gallery.
    public let part: HealthReport.Part
    /// What is wrong, of the first place.
    public let message: String
    /// In how many places.
    public let count: Int
    /// What to do about it.
    public let remedy: String
    /// Whether a repair corrects it.
    public let repairable: Bool
    /// Whether it was repaired.
    public let repaired: Bool
  }

  /// The record of a check, and of a review when there was one.
  public init(_ report: HealthReport, review: FaceReview? = nil) {
    healthy = report.isHealthy
    people = report.people
    faces = report.faces
    thumbnails = report.thumbnails
    changes = report.changes
    withoutChecksum = report.withoutChecksum
    links = report.links
    recall = report.recall
    namesakes = report.namesakes.map { $0.map(PersonRecord.init) }
    remarks = report.remarks
    findings = report.findings.map {
      Finding(
        part: $0.part, message: $0.message, count: $0.count, remedy: $0.remedy.advice,
        repairable: $0.isRepairable,
        repaired: $0.isRepaired)
    }
    self.review = review.map(ReviewRecord.init)
  }
}

extension HealthReport.Remedy {
  /// What somebody should do, in words.
  public var advice: String {
    switch self {
    case .repair: "check with repair puts it right"
    case .rebuildIndex: "check with repair builds it anew; answers are exact meanwhile"
    case .restore: "restore a backup"
    case .beginAudit:
      "find out who changed it; move audit.jsonl to a safe place, and `galleryctl audit on` begins a new one"
    case .removeFace(let face): "restore a backup, or remove the face number \(face)"
    case .addAgain(let face):
      "restore a backup, or remove the face and add its photo again number \(face)"
    }
  }
}
