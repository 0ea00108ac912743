public import FaceGallery

/// What became of the photos whose faces were to be marked, in JSON.
public struct RegionExportRecord: Encodable, Sendable {
  /// The files that were written, or would be.
  public let written: [String]
  /// Photos whose faces were marked before.
  public let unchanged: Int
  /// Photos in which nothing was marked.
  public let skipped: [Skipped]
  /// Whether nothing was written.
  public let dryRun: Bool

  /// A photo in which nothing was marked.
  public struct Skipped: Encodable, Sendable {
    /// Its path.
    public let photo: String
    /// Why, in one sentence.
    public let reason: String
  }

  /// The record of a report.
  public init(_ report: RegionExportReport, dryRun: Bool) {
    written = report.written
    unchanged = report.unchanged
    skipped = report.skipped.map { Skipped(photo: $0.photo, reason: $0.reason) }
    self.dryRun = dryRun
  }
}
