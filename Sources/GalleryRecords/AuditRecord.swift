public import FaceGallery

/// How an audit log stands, in JSON.
public struct AuditStateRecord: Encodable, Sendable {
  /// Whether changes are noted.
  public let on: Bool
  /// How many lines there are.
  public let lines: Int
  /// The digest of the last line; absent before the first.
  public let sha256: String?
  /// The gallery's last change that a line tells of.
  public let through: UInt64

  /// The record of a state.
  public init(_ state: AuditState) {
    (on, lines, sha256, through) = (state.isOn, state.lines, state.sha256, state.through)
  }
}

/// What a look at every line of an audit log has found, in JSON.
public struct AuditReportRecord: Encodable, Sendable {
  /// Whether nothing is wrong.
  public let sound: Bool
  /// How the log stands.
  public let state: AuditStateRecord
  /// Lines that were read and fit together.
  public let lines: Int
  /// What is wrong.
  public let problems: [AuditReport.Problem]
  /// What is remarkable and not wrong.
  public let remarks: [String]

  /// The record of a report.
  public init(_ report: AuditReport) {
    (sound, state) = (report.problems.isEmpty, AuditStateRecord(report.state))
    (lines, problems, remarks) = (report.lines, report.problems, report.remarks)
  }
}
