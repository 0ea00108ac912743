public import Foundation
internal import GalleryStore
internal import Support

extension Gallery {
  /// Copies the gallery as of the last commit into a new folder, which is then a gallery itself; others may
  /// go on writing meanwhile. The folder appears when the copy is complete and on disk.
  ///
  /// Nobody who was removed before is in the copy, neither in its database nor in its index. The copy is read to its end, with all
  /// checksums: one that could not be restored is none.
  ///
  /// - Parameters:
  ///   - folder: A folder that is empty, or not there.
  ///   - progress: Called now and then, on another thread, with the bytes of the database written, and of all.
  /// - Throws: ``GalleryError``: `damaged` for a gallery with losses, `invalidArgument` when the folder holds something, `diskFull`,
  ///   …. Then nothing is left of the copy.
  /// - Complexity: O(*n*).
  public func backup(
    to folder: URL, progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(GalleryError) {
    try Self.checkInFiles(url, "back it up with `pg_dump`, or by the server's own backups.")
    guard GalleryFolder(folder).files.contents == .vacant else {
      throw GalleryError(
        .invalidArgument,
        "The folder \(folder.path(percentEncoded: false)) is not empty; choose a new one for the backup.")
    }
    try Self.checkOutside(folder)
    try perform { session in
      let path = GalleryFolder(folder).path
      Leftovers.clear(in: Folder.of(path))
      let copy = try NewFolder(path)
      _ = try session.copy(into: copy.temporaryPath, progress: progress)
      if let loss = try GalleryFolder(path: copy.temporaryPath).loss() {
        throw GalleryError(.damaged, "No backup is made of what could not be restored: \(loss.message).")
      }
      try copy.commitOrTakeBack()
    }
  }

  /// Puts a backup in the place of a gallery, or where there is none; the backup is checked before and stays.
  ///
  /// What belongs to a gallery besides people and faces, such as the keys of a server, stays where it is.
  ///
  /// - Parameters:
  ///   - backup: A gallery: a folder that ``Gallery/backup(to:progress:)`` wrote, or a copy of one that nobody used.
  ///   - url: The gallery to be restored.
  ///   - replacing: Whether a gallery that is there, or what is left of one, is given up for the backup.
  ///   - progress: Called with the number of faces checked and of all.
  /// - Returns: What was restored in part only, a sentence each: an index that was of another moment than the database is
  ///   left out and made anew; what could not be synchronised may be as before after a power cut.
  /// - Throws: ``GalleryError``: `damaged` for a backup with losses, `invalidArgument` when there is a gallery
  ///   that is not to be replaced, `inUse` when somebody has it open, `auditLog` when the audit log of the gallery that is replaced is
  ///   on and not what was written, `notFound`, `diskFull`, …. Then nothing has changed.
  /// - Complexity: O(*n*).
  @discardableResult
  public static func restore(
    from backup: URL, to url: URL, replacing: Bool = false, progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> [String] {
    for url in [backup, url] { try checkInFiles(url, "restore it with `pg_restore`.") }
    for url in [backup, url] where PathText.hasEscape(url.path(percentEncoded: false)) {
      try checkPath(url)
    }
    guard InputFile.exists(backup.path(percentEncoded: false)) else {
      throw GalleryError(
        .notFound, "There is no backup at \(backup.path(percentEncoded: false)); check the path.")
    }
    guard !isOneFolder(backup, url) else {
      throw GalleryError(
        .invalidArgument,
        "The backup \(backup.path(percentEncoded: false)) is the gallery itself; name the folder of a backup."
      )
    }
    let target = GalleryFolder(url)
    try checkOutside(url)
    let isThere = try target.checkRestorable(replacing: replacing)
    // What is refused is refused before any work.
    if isThere { try GalleryError.wrapping { try target.files.checkUnused() } }
    let source = try open(at: backup, options: GalleryOptions(access: .readOnly))
    return try source.perform { session in
      try checkBackup(session, progress)
      Leftovers.clear(in: isThere ? target.path : Folder.of(target.path))
      let staging = try NewFolder(isThere ? "\(target.path)/restoring" : target.path)
      let warnings = try session.copy(into: staging.temporaryPath)
      if !isThere {
        try staging.commitOrTakeBack()
        return warnings
      }
      let untaken = try target.takeBackup(from: staging)
      // Writes the line of the audit log that says so.
      _ = try? Stores.open(at: url, access: .existing)
      return warnings + untaken
    }
  }

  /// Whether two paths lead to one folder that is there.
  private static func isOneFolder(_ one: URL, _ other: URL) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one.path(percentEncoded: false), &first) == 0
      && stat(other.path(percentEncoded: false), &second) == 0
      && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Makes sure that a new folder is not in a gallery, which would delete it one day.
  private static func checkOutside(_ folder: URL) throws(GalleryError) {
    guard let gallery = Stores.gallery(around: folder) else { return }
    throw GalleryError(
      .invalidArgument,
      "\(folder.path(percentEncoded: false)) lies in the gallery \(gallery); choose a place outside of it.")
  }

  private static func checkBackup(_ session: Session, _ progress: ((Int, Int) -> Void)?) throws {
    if let loss = try session.store.check(repair: false, progress: progress).loss {
      throw GalleryError(
        .damaged, "The backup is damaged: \(loss.message); use another one, or copy the folder by hand.")
    }
  }
}

extension Session {
  /// Copies what is stored, and the index where it can be used, into a folder that nobody else uses; both are on disk
  /// afterwards, and hold nobody who was removed.
  ///
  /// - Parameter longestTail: An index that still holds somebody who was removed is brought up to date when no more changes
  ///   than these were made after it, and else left out: it is made anew when it is needed.
  /// - Returns: Why the index was left out; empty when it was not, or when there was none.
  /// - Throws: When a part cannot be copied whole.
  func copy(
    into folder: String, longestTail: Int = 20_000, progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws -> [String] {
    // The snapshot first: one that is newer than the store could not be used.
    let unread =
      try keeper.snapshot.copy(to: folder)
      ? []
      : [
        "The index was left out: \(keeper.snapshot.path) cannot be read: permission denied. It is made anew when it is needed."
      ]
    let space = try store.read { try $0.space() }
    let total = space.used - space.free
    let report: @Sendable (Int) -> Void = { progress?(min($0, total), total) }
    try store.copy(to: folder, progress: progress == nil ? nil : report)
    return try unread + GalleryFolder(path: folder).settleSnapshot(longestTail: longestTail)
  }
}
