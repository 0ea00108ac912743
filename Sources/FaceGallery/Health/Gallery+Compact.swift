public import Foundation
internal import GalleryStore
internal import Support

extension Gallery {
  private static let vacuum = "the server gives room back by itself (autovacuum), or by `VACUUM FULL`."

  /// Writes a gallery anew as ``compact(progress:)`` does, when nobody has it open, this program included.
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
    try checkInFiles(url, Self.vacuum)
    // What is refused is refused before any work; what is no gallery is told when it is opened.
    try GalleryError.wrapping {
      let folder = GalleryFolder(url)
      if folder.files.contents == .gallery { try folder.files.checkUnused() }
    }
    return try open(at: url, options: GalleryOptions(access: .existing)).compact(progress: progress)
  }

  /// Writes the gallery anew without what was removed from it, while it is used: the files shrink, and no byte of a removed name,
  /// path, thumbnail or embedding is left in them. Removals before cannot be undone any more.
  ///
  /// Other programs must not have the gallery open; this one reads meanwhile, and writes until the copy is made. If it did write, the copy is
  /// made once more, for which writes wait. The files are exchanged within milliseconds, in which reads wait, too. Interrupted or refused at
  /// any point, it leaves the gallery as it was or compacted.
  ///
  /// - Parameter progress: Called now and then, on another thread, with the bytes of the new database written.
  /// - Throws: ``GalleryError``: `inUse` when another program has it open, this one's own reads or writes do not end for long, or it is
  ///   being compacted already; `replaced` when another gallery lies in the folder by now; `diskFull` (it needs room for a second copy),
  ///   `readOnly`.
  /// - Complexity: O(*n*), and the building of an index that is missing or out of date.
  public func compact(progress: (@Sendable (Int) -> Void)? = nil) throws(GalleryError) -> CompactionReport {
    try Self.checkInFiles(url, Self.vacuum)
    return try perform { session in
      if let copy = session.store.replication {
        throw GalleryError(
          .invalidArgument,
          "\(place) is a copy that follows \(copy.server): remove the folder, and it is made anew without free room."
        )
      }
      let folder = GalleryFolder(url)
      try folder.files.checkUnused(suspending: session.store)
      let before = folder.bytes
      var state = try folder.files.state()
      var copy = try session.compactedCopy(in: folder, progress: progress)
      let warnings = try session.store.withoutWriters {
        if try folder.files.state() != state {
          state = try folder.files.state()
          copy = try session.compactedCopy(in: folder, progress: progress)
        }
        // What is changed after the state was looked at is seen by it.
        try folder.files.continueAudit(in: copy.temporaryPath, .compaction)
        // One that is being saved would take the place of the new one.
        return try session.keeper.snapshot.whileNobodySaves {
          try folder.take(from: copy, snapshotFirst: true, replacing: state, suspending: session.store)
        }
      }
      session.keeper.didReplaceSnapshot()
      // Writes the line of the audit log that says so.
      _ = try? Stores.open(at: url, access: .existing)
      // It has paths, and so names, of photos of those who were removed.
      PhotoCache.remove(in: url)
      return CompactionReport(bytesBefore: before, bytesAfter: folder.bytes, warnings: warnings)
    }
  }
}

extension Session {
  /// A copy of database and index without what was removed.
  fileprivate func compactedCopy(
    in folder: GalleryFolder, progress: (@Sendable (Int) -> Void)?
  ) throws -> NewFolder {
    let copy = try NewFolder("\(folder.path)/compacting")
    // Where it may not be read one is made below.
    _ = try keeper.snapshot.copy(to: copy.temporaryPath)
    try store.copy(to: copy.temporaryPath, progress: progress)
    try GalleryFolder(path: copy.temporaryPath).compact()
    return copy
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
