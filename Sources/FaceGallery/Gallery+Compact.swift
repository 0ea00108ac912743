public import Foundation
internal import LMDB

extension Gallery {
  /// Writes a gallery anew without what was removed from it: the files shrink, and no byte of a removed name,
  /// path, picture or embedding is left in them.
  ///
  /// Nobody may have the gallery open. Interrupted at any point, it leaves the gallery as it was or compacted.
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
      let path = url.path(percentEncoded: false)
      let snapshot = IndexSnapshot(folder: url)
      func bytes() -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/data.mdb")
        return (attributes?[.size] as? Int ?? 0) + (snapshot.bytes ?? 0)
      }
      let gallery = try open(at: url, options: GalleryOptions(access: .existing))
      let before = bytes()
      try gallery.refreshSnapshot()
      try gallery.close()
      // What the gallery had open is given back with its last reference.
      _ = consume gallery
      try Environment.withExclusiveAccess(to: path) { access in
        try GrowingFile(path: "\(path)/data.mdb.partial").watched(by: progress) { try access.compact() }
        snapshot.removeLeftovers()
        EmbeddingStage.remove(in: url)
      }
      return CompactionReport(bytesBefore: before, bytesAfter: bytes())
    }
  }

  /// Writes the snapshot anew, so that it holds nothing that was removed, and forgets the changes before it.
  private func refreshSnapshot() throws {
    try perform { session in
      let keeper = session.keeper
      try keeper.catchUp()
      try keeper.withSoundIndex { try keeper.save(replacing: true) }
      guard let sequence = keeper.view?.sequence else { return }
      // The snapshot's own change stays: by its tag the snapshot is known to be of this history.
      if sequence > 0 { try session.store.trim(through: sequence - 1) }
    }
  }
}
