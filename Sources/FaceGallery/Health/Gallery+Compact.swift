public import Foundation
internal import GalleryStore
internal import Support

extension Gallery {
  /// Writes a gallery anew without what was removed from it: the files shrink, and no byte of a removed name,
  /// path, thumbnail or embedding is left in them. Removals before cannot be undone any more.
  ///
  /// Nobody may have the gallery open. Interrupted or refused at any point, it leaves the gallery as it was or compacted.
  ///
  /// - Parameters:
  ///   - url: The gallery's folder.
  ///   - progress: Called now and then, on another thread, with the bytes of the new database written.
  /// - Throws: ``GalleryError``: `inUse` when somebody has it open, `diskFull` (it needs room for a second copy),
  ///   `notFound`, ….
  /// - Complexity: O(*n*), and the building of an index that is missing or out of date.
  public static func compact(
    at url: URL, progress: (@Sendable (Int) -> Void)? = nil
  ) throws(GalleryError) -> CompactionReport {
    try GalleryError.wrapping {
      let folder = GalleryFolder(url)
      // What is refused is refused before any work; what is no gallery is told when it is opened.
      if folder.files.contents == .gallery { try folder.files.checkUnused() }
      let gallery = try open(at: url, options: GalleryOptions(access: .existing))
      let before = folder.bytes
      let state = try folder.files.state()
      let copy = try NewFolder("\(folder.path)/compacting")
      try gallery.perform { session in
        // Where it may not be read one is made below.
        _ = try session.keeper.snapshot.copy(to: copy.temporaryPath)
        try session.store.copy(to: copy.temporaryPath, progress: progress)
      }
      try GalleryFolder(path: copy.temporaryPath).compact()
      try gallery.close()
      try folder.files.continueAudit(in: copy.temporaryPath, .compaction)
      // What the gallery had open is given back with its last reference.
      _ = consume gallery
      let warnings = try folder.take(from: copy, snapshotFirst: true, replacing: state)
      // Writes the line of the audit log that says so.
      _ = try? Stores.open(at: url, access: .existing)
      // It has paths, and so names, of photos of those who were removed.
      PhotoCache.remove(in: url)
      return CompactionReport(bytesBefore: before, bytesAfter: folder.bytes, warnings: warnings)
    }
  }
}

/// What a compaction gave back.
public struct CompactionReport: Sendable, Hashable {
  /// Bytes of database and snapshot before.
  public let bytesBefore: Int
  /// Bytes of database and snapshot afterwards.
  public let bytesAfter: Int
  /// What is left to be done, a sentence each.
  public let warnings: [String]
}
