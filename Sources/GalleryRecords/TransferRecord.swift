public import FaceGallery

/// What an export wrote, in JSON.
public struct ExportRecord: Encodable, Sendable {
  /// The files written.
  public let files: [String]
  /// Embeddings.
  public let rows: Int
  /// Components of an embedding.
  public let dimension: Int
  /// Bytes of all files.
  public let bytes: Int

  /// The record of a report.
  public init(_ report: ExportReport) {
    (files, rows, dimension, bytes) = (report.files, report.rows, report.dimension, report.bytes)
  }
}

/// What became of a file of embeddings, in JSON.
public struct ImportRecord: Encodable, Sendable {
  /// Embeddings read.
  public let rows: Int
  /// Embeddings added.
  public let added: Int
  /// Embeddings that their people had already.
  public let skipped: Int
  /// People who were made.
  public let newPeople: Int
  /// What could not be made sure of, a sentence each.
  public let warnings: [String]

  /// The record of a report.
  public init(_ report: ImportReport) {
    (rows, added, skipped) = (report.rows, report.added, report.skipped)
    (newPeople, warnings) = (report.newPeople, report.warnings)
  }
}
