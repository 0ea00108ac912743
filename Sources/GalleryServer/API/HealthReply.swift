internal import FaceGallery

/// What a check found, in JSON.
struct HealthReply: Encodable {
  let healthy: Bool
  let people: Int
  let faces: Int
  let pictures: Int
  let changes: Int
  let links: Int?
  let recall: Double?
  let findings: [Finding]

  /// A finding in JSON.
  struct Finding: Encodable {
    let part: String
    let message: String
    let count: Int
    let mend: String
    let repairable: Bool
    let repaired: Bool
  }

  init(_ report: HealthReport) {
    healthy = report.isHealthy
    people = report.people
    faces = report.faces
    pictures = report.thumbnails
    changes = report.changes
    links = report.links
    recall = report.recall
    findings = report.findings.map {
      Finding(
        part: $0.part.rawValue, message: $0.message, count: $0.count, mend: $0.mend,
        repairable: $0.isRepairable,
        repaired: $0.isRepaired)
    }
  }
}
