internal import Foundation
internal import GalleryStore
internal import Support
internal import VectorIndex

/// The folder of a gallery as a folder: the files of its store, the snapshot of its index beside them, what killed processes
/// left, and how the parts are replaced.
struct GalleryFolder {
  /// The files of the store.
  let files: any StoreFolder

  init(_ url: URL) { files = Stores.folder(at: url) }

  init(path: String) { files = Stores.folder(at: path) }

  var path: String { files.path }

  private var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  private var snapshot: IndexSnapshot { IndexSnapshot(folder: url) }

  /// Makes sure that a backup may be restored here.
  ///
  /// - Returns: Whether something is there that it has to replace.
  /// - Throws: ``GalleryError`` with code `invalidArgument` when that is not to be, or the folder holds something else.
  func checkRestorable(replacing: Bool) throws(GalleryError) -> Bool {
    switch files.contents {
    case .vacant: return false
    case .gallery where replacing, .remains where replacing: return true
    case .gallery:
      throw GalleryError(
        .invalidArgument,
        "There is a gallery at \(path) already; give it up by restoring with `replacing`, or choose another folder."
      )
    case .remains(let names):
      throw GalleryError(
        .invalidArgument,
        "The gallery at \(path) has lost its database, and \(names.joined(separator: ", ")) are left of it; restore with "
          + "`replacing` to put the backup there (keys.json stays), or choose another folder.")
    case .foreign:
      throw GalleryError(
        .invalidArgument, "The folder \(path) holds other files; choose an empty or a new folder.")
    }
  }

  /// Bytes of database and snapshot.
  var bytes: Int { files.bytes + (snapshot.bytes ?? 0) }

  /// Removes what processes that were killed left half done, and returns its names.
  ///
  /// Only for somebody who has the gallery open: then nobody is compacting it. What a living process is still writing stays.
  func clearLeftovers() -> [String] {
    var cleared = Leftovers.clear(in: path)
    cleared += snapshot.clearLeftovers()
    // Of versions that did not lock what they were writing.
    let names = (try? Folder.names(in: path).valid) ?? []
    for name in names where files.isOldLeftover(name) || Self.isOldRestoring(name) {
      Folder.remove("\(path)/\(name)")
      cleared.append(name)
    }
    return (cleared + clearOldCopies()).sorted()
  }

  /// Removes the copies that versions before format 1.6 kept of people who were removed.
  private func clearOldCopies() -> [String] {
    let place = "\(path)/removed"
    guard !InputFile.isLink(place), let names = try? Folder.names(in: place).valid else { return [] }
    let copies = names.filter { $0.wholeMatch(of: /[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}/) != nil }
    for name in copies { Folder.remove("\(place)/\(name)") }
    // What is not empty stays, as what somebody else has put there.
    rmdir(place)
    return copies.map { "removed/\($0)" }
  }

  /// Whether a name is `restoring.PID.partial` of a process that has ended.
  private static func isOldRestoring(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count == 3, parts[0] == "restoring", parts[2] == "partial", let pid = pid_t(parts[1]) else {
      return false
    }
    return kill(pid, 0) != 0 && errno == ESRCH
  }

  /// Makes sure that the index in a copy is the one of its database and holds nobody who was removed; else takes it out of
  /// the copy, or brings it up to date.
  ///
  /// - Returns: Why there is none, where there was one.
  func settleSnapshot(longestTail: Int) throws -> [String] {
    guard snapshot.bytes != nil else { return [] }
    let problem = try exclusively { session in try session.settleSnapshot(longestTail: longestTail) }
    guard let problem else { return [] }
    guard unlink(snapshot.path) == 0 else { throw SystemError("be removed", snapshot.path) }
    return ["The index was left out: \(problem) It is made anew when it is needed."]
  }

  /// Brings the index of a copy up to date, writes it without anything that was removed, forgets the changes before it, and leaves no
  /// free pages.
  func compact() throws {
    let freed = try exclusively { session in
      try session.renewSnapshot()
      return try session.store.read { try $0.space().free }
    }
    // The numbers of faces in a change log that was cut off.
    if freed > 1 << 16 { try files.compact() }
    removeLocks()
  }

  /// What is damaged, and could not be restored, in a copy that nobody else uses; nil when nothing is.
  ///
  /// - Complexity: O(*n*): it is read to its end.
  func loss() throws -> HealthReport.Finding? {
    defer { removeLocks() }
    return try Stores.open(at: url, access: .readOnly).check(repair: false, progress: nil).loss
  }

  /// Runs `body` with the gallery in a copy that nobody else uses.
  private func exclusively<Result>(_ body: (Session) throws -> Result) throws -> Result {
    defer { removeLocks() }
    let session = try Session(
      Stores.open(at: url, access: .existing), at: url, options: GalleryOptions(access: .existing))
    defer { session.keeper.waitForPrefetching() }
    return try body(session)
  }

  private func removeLocks() {
    files.removeLocks()
    unlink("\(path)/index.lock")
  }

  /// Puts database and index of a finished copy in the place of those that are here.
  ///
  /// - Parameters:
  ///   - snapshotFirst: For a copy of this same history, of which the new index serves the old database, too.
  ///   - state: What `StoreFolder.state()` must still be: that nobody has changed anything since.
  ///   - own: The store of this gallery that this process may have open.
  /// - Returns: What is not known to be on disk, and what could not be done of what is derived, a sentence each.
  /// - Throws: ``GalleryError`` with code `inUse` when somebody has the gallery open, `replaced` when the folder does not hold the files of
  ///   `own`; then nothing has changed.
  func take(
    from copy: NewFolder, snapshotFirst: Bool, replacing state: [UInt8]? = nil,
    suspending own: (any Store)? = nil
  ) throws -> [String] {
    try files.whileUnused(suspending: own) { replaceFiles in
      if let state, try files.state() != state { throw GalleryError.inUse(at: path) }
      let old = snapshot
      let new = IndexSnapshot(folder: URL(filePath: copy.temporaryPath, directoryHint: .isDirectory))
      if snapshotFirst, new.bytes != nil { try Folder.move(new.path, to: old.path) }
      // An index of another history would be called a fault, whenever this is killed; without one it is made anew.
      if !snapshotFirst { unlink(old.path) }
      // From here on the copy is the gallery: what goes wrong is no reason to say that it is not.
      var warnings: [String] = []
      if let error = try replaceFiles(copy.temporaryPath) {
        warnings.append(
          "The new gallery is in place, but its folder could not be synchronised: after a power cut the old one may be there again. "
            + GalleryError(cause: error).message)
      }
      if !snapshotFirst, new.bytes != nil {
        do {
          try Folder.move(new.path, to: old.path)
        } catch {
          warnings.append("The index was left out, and is made anew when it is needed: \(error)")
        }
      }
      old.removeLeftovers()
      Stores.removeStage(in: url)
      return warnings
    }
  }
}

extension GalleryFolder {
  /// How often a backup is put in the place of a gallery that others change.
  private static let attempts = 5

  /// Puts a backup in the place of what is here, and goes on with the audit log that is here: its last line is that of the last change, also
  /// where short commands of others change something just then.
  ///
  /// - Returns: As ``take(from:snapshotFirst:replacing:suspending:)``.
  /// - Throws: ``GalleryError``: `inUse`, `auditLog`; then nothing has changed.
  func takeBackup(from copy: NewFolder) throws -> [String] {
    var attempt = 1
    while true {
      // Where the database is lost there is nothing that somebody could change.
      let state = try? files.state()
      try files.continueAudit(in: copy.temporaryPath, .restoration)
      do {
        return try take(from: copy, snapshotFirst: false, replacing: state)
      } catch let error as GalleryError where error.code == .inUse && attempt < Self.attempts {
        attempt += 1
        usleep(50_000)
      }
    }
  }
}

extension NewFolder {
  /// Gives the folder its name as ``commit()`` does, and takes it back when the name is not known to last.
  ///
  /// - Throws: `SystemError`; then there is no folder of this name.
  func commitOrTakeBack() throws {
    do {
      try commit()
    } catch {
      if access(temporaryPath, F_OK) != 0 { _ = rename(path, temporaryPath) }
      throw error
    }
  }
}

extension Session {
  /// Writes the snapshot anew, so that it holds nothing that was removed, and forgets the changes before it.
  fileprivate func renewSnapshot() throws {
    try keeper.catchUp()
    try keeper.withSoundIndex { try saver.save(replacing: true, trims: false) }
    keeper.waitForPrefetching()
    guard let sequence = keeper.view?.sequence, sequence > 0 else { return }
    // The snapshot's own change stays: by its tag the snapshot is known to be of this history.
    try store.trimLog(through: sequence - 1)
  }

  /// Judges the snapshot of a copy; nil when it may stay, else why not.
  fileprivate func settleSnapshot(longestTail: Int) throws -> String? {
    let (finding, tail, hasRemovals) = try store.read { snapshot in
      let finding = try keeper.snapshot.open(for: store.uuid, snapshot)
      var (tail, hasRemovals) = (0, false)
      if finding.index != nil, let label = finding.label {
        try snapshot.forEachChange(after: label.sequence) { _, change in
          tail += 1
          if change.kind == .removed { hasRemovals = true }
        }
      }
      return (finding, tail, hasRemovals)
    }
    guard let index = finding.index else { return finding.problem ?? "it cannot be used." }
    do {
      try index.verify()
    } catch {
      return error.description
    }
    guard hasRemovals else { return nil }
    guard tail <= longestTail else { return "it still holds faces that were removed since it was saved." }
    try keeper.catchUp()
    try saver.save(replacing: true, trims: false)
    return nil
  }
}
