public import Foundation
internal import LMDB

extension Gallery {
  /// Copies the gallery as of the last commit into a new folder, which is then a gallery itself; others may
  /// go on writing meanwhile. The folder appears when the copy is complete and on disk.
  ///
  /// - Parameters:
  ///   - folder: A folder that is empty, or not there.
  ///   - progress: Called now and then, on another thread, with the bytes of the database written, and of all.
  /// - Throws: ``GalleryError``: `invalidArgument` when the folder holds something, `diskFull`, ….
  public func backup(
    to folder: URL, progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(GalleryError) {
    guard Self.isVacant(folder) else {
      throw GalleryError(
        .invalidArgument,
        "The folder \(folder.path(percentEncoded: false)) is not empty; choose a new one for the backup.")
    }
    try perform { session in try Self.stage(session, as: folder, progress: progress) }
  }

  /// Puts a backup in the place of a gallery, or where there is none; the backup is checked before and stays.
  ///
  /// - Parameters:
  ///   - backup: A gallery: a folder that ``backup(to:)`` wrote, or a copy of one that nobody used.
  ///   - url: The gallery to be restored.
  ///   - replacing: Whether a gallery that is there is given up for the backup.
  ///   - progress: Called with the number of faces checked and of all.
  /// - Throws: ``GalleryError``: `damaged` for a backup with losses, `invalidArgument` when there is a gallery
  ///   that is not to be replaced, `inUse` when somebody has it open, `notFound`, `diskFull`, …. Then nothing
  ///   has changed.
  /// - Complexity: O(*n*).
  public static func restore(
    from backup: URL, to url: URL, replacing: Bool = false, progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) {
    guard FileManager.default.fileExists(atPath: backup.path(percentEncoded: false)) else {
      throw GalleryError(
        .notFound, "There is no backup at \(backup.path(percentEncoded: false)); check the path.")
    }
    let source = try open(at: backup, options: GalleryOptions(access: .readOnly))
    let path = url.path(percentEncoded: false)
    let isThere = FileManager.default.fileExists(atPath: path + "/data.mdb")
    guard isThere ? replacing : isVacant(url) else {
      throw GalleryError(
        .invalidArgument,
        isThere
          ? "There is a gallery at \(path) already; give it up by restoring with `replacing`, or choose another folder."
          : "The folder \(path) holds other files; choose an empty or a new folder.")
    }
    try source.perform { session in
      let store = session.store
      let report = try store.environment.read(ahead: true) { transaction in
        let total = try transaction.count(of: store.tables.faces)
        var check = StoreCheck(store) { progress?(min($0, total), total) }
        try check.run(transaction)
        return check.report
      }
      if let loss = report.findings.first(where: { !$0.isRepairable }) {
        throw GalleryError(
          .damaged, "The backup is damaged: \(loss.message); use another one, or copy the folder by hand.")
      }
      guard isThere else { return try stage(session, as: url) }
      let staging = url.appending(path: "restoring", directoryHint: .isDirectory)
      try? FileManager.default.removeItem(at: staging)
      defer { try? FileManager.default.removeItem(at: staging) }
      try stage(session, as: staging)
      try Environment.withExclusiveAccess(to: path) { access in
        try access.replaceData(by: staging.path(percentEncoded: false) + "data.mdb")
        let snapshot = IndexSnapshot(folder: url)
        try? FileManager.default.removeItem(atPath: snapshot.path)
        EmbeddingStage.remove(in: url)
        let copy = IndexSnapshot(folder: staging)
        if copy.bytes != nil { try FileManager.default.moveItem(atPath: copy.path, toPath: snapshot.path) }
      }
    }
  }

  private static func isVacant(_ folder: URL) -> Bool {
    let path = folder.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path) else { return true }
    guard let contents = try? FileManager.default.contentsOfDirectory(atPath: path) else { return false }
    return contents.isEmpty
  }

  /// Copies store and snapshot into a folder under another name, which then gets its own.
  private static func stage(
    _ session: Session, as folder: URL, progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws {
    let path = folder.standardizedFileURL.path(percentEncoded: false)
    let name = path.hasSuffix("/") ? String(path.dropLast()) : path
    let partial = "\(name).\(ProcessInfo.processInfo.processIdentifier).partial"
    do {
      try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
      // The snapshot first: one that is newer than the store could not be used.
      let snapshot = session.keeper.snapshot
      if snapshot.bytes != nil {
        let copy = IndexSnapshot(folder: URL(filePath: partial, directoryHint: .isDirectory))
        // Without it the copy is as good: the index is built anew.
        try? FileManager.default.copyItem(atPath: snapshot.path, toPath: copy.path)
      }
      let environment = session.store.environment
      let total = environment.usedBytes - (try environment.read { try environment.freeBytes($0) })
      let report: @Sendable (Int) -> Void = { progress?(min($0, total), total) }
      try GrowingFile(path: "\(partial)/data.mdb").watched(by: progress == nil ? nil : report) {
        try environment.backup(to: partial)
      }
      // `rename` replaces an empty folder.
      guard Glibc.rename(partial, name) == 0 else {
        throw NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
      }
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }
}
