public import FaceGallery
public import Foundation

/// A copy of a gallery, in JSON: a backup, or a gallery that was restored from one.
public struct CopyRecord: Encodable, Sendable {
  /// Where it is; a server leaves it out.
  public let folder: String?
  /// Its name among a server's backups.
  public let name: String?
  /// What could be read of it; nil when it could not be opened.
  public let figures: Figures?
  /// How long a server took to make it.
  public let seconds: Double?

  /// What is in a copy.
  public struct Figures: Encodable, Sendable {
    /// People in it.
    public let people: Int
    /// Faces in it.
    public let faces: Int
    /// The last change in it.
    public let sequence: UInt64
    /// Size of its files.
    public let bytes: Int

    /// Opens a copy and reads what is in it.
    public init(of copy: URL) throws(GalleryError) {
      let info = try Gallery.open(at: copy, options: GalleryOptions(access: .readOnly)).info()
      people = info.people
      faces = info.faces
      sequence = info.sequence
      bytes = info.databaseBytes + (info.snapshot.bytes ?? 0)
    }
  }

  /// The record of a copy that the reader finds in a folder.
  public init(folder: String, figures: Figures?) {
    (self.folder, name, self.figures, seconds) = (folder, nil, figures, nil)
  }

  /// The record of a copy among a server's backups.
  public init(name: String, figures: Figures?, seconds: Double) {
    (folder, self.name, self.figures, self.seconds) = (nil, name, figures, seconds)
  }

  private enum Key: CodingKey { case folder, name, seconds }

  /// The figures stand beside the names.
  public func encode(to encoder: any Encoder) throws {
    try figures?.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    try object.encodeIfPresent(folder, forKey: .folder)
    try object.encodeIfPresent(name, forKey: .name)
    try object.encodeIfPresent(seconds, forKey: .seconds)
  }
}

/// What a compaction gave back, in JSON.
public struct CompactionRecord: Encodable, Sendable {
  /// Bytes of database and saved index before.
  public let bytesBefore: Int
  /// Bytes of database and saved index afterwards.
  public let bytesAfter: Int
  /// What is left to be done, a sentence each.
  public let warnings: [String]

  /// The record of a report.
  public init(_ report: CompactionReport) {
    (bytesBefore, bytesAfter, warnings) = (report.bytesBefore, report.bytesAfter, report.warnings)
  }
}
