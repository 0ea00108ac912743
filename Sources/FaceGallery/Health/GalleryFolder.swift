internal import Foundation
internal import LMDB
internal import Support
internal import VectorIndex

/// The folder of a gallery as a folder: what is in it, what killed processes left in it, and how its parts are replaced.
struct GalleryFolder {
  let path: String

  init(_ url: URL) { self.init(path: url.standardizedFileURL.path(percentEncoded: false)) }

  init(path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// What a folder holds.
  enum State {
    /// Nothing, or there is none.
    case vacant
    /// A gallery.
    case gallery
    /// Files of a gallery whose `data.mdb` is lost.
    case remains([String])
    /// Something else.
    case foreign
  }

  var state: State {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return .vacant }
    guard isFolder.boolValue, let (names, invalid) = try? Folder.names(in: path) else { return .foreign }
    if names.isEmpty, invalid.isEmpty { return .vacant }
    if names.contains("data.mdb") { return .gallery }
    return invalid.isEmpty && names.allSatisfy(Self.isOurs) ? .remains(names.sorted()) : .foreign
  }

  /// Whether a file or folder is one that a gallery makes.
  private static func isOurs(_ name: String) -> Bool {
    ["lock.mdb", "index.snapshot", "index.lock", "keys.json", "keys.json.new", "reembedding"].contains(name)
      || name.hasSuffix(".partial") || name == "restoring" || name.hasSuffix(".lock")
  }

  /// Whether something is there that a backup has to replace.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument` when it may not, or the folder holds something else.
  func mayBeRestored(replacing: Bool) throws(GalleryError) -> Bool {
    switch state {
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
        "The gallery at \(path) has lost its data.mdb, and \(names.joined(separator: ", ")) are left of it; restore with "
          + "`replacing` to put the backup there (keys.json stays), or choose another folder.")
    case .foreign:
      throw GalleryError(
        .invalidArgument, "The folder \(path) holds other files; choose an empty or a new folder.")
    }
  }

  /// The beginning of the database, which every commit changes.
  func head() throws -> [UInt8] {
    let file = try MappedFile(path: "\(path)/data.mdb")
    // Two pages of LMDB's, of the largest size that a system has.
    return Array(file.bytes.prefix(2 << 16))
  }

  /// Bytes of database and snapshot.
  var bytes: Int {
    ["data.mdb", "index.snapshot"].reduce(0) { sum, name in
      var status = stat()
      return stat("\(path)/\(name)", &status) == 0 ? sum + Int(status.st_size) : sum
    }
  }

  /// Removes what processes that were killed left half done, and returns its names.
  ///
  /// Only for somebody who has the gallery open: then nobody is compacting it. What a living process is still writing stays.
  func clearLeftovers() -> [String] {
    var cleared = Leftovers.clear(in: path)
    cleared += IndexSnapshot(folder: URL(filePath: path, directoryHint: .isDirectory)).clearLeftovers()
    // Of versions that did not lock what they were writing.
    let names = (try? Folder.names(in: path).valid) ?? []
    for name in names where name == "data.mdb.partial" || name == "restoring" || Self.isOldRestoring(name) {
      Folder.remove("\(path)/\(name)")
      cleared.append(name)
    }
    return cleared.sorted()
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
    let snapshot = IndexSnapshot(folder: URL(filePath: path, directoryHint: .isDirectory))
    guard snapshot.bytes != nil else { return [] }
    let problem = try exclusively { session in try session.settleSnapshot(longestTail: longestTail) }
    guard let problem else { return [] }
    guard unlink(snapshot.path) == 0 else { throw SystemError("be removed", snapshot.path) }
    return ["The index was left out: \(problem) It is made anew when it is needed."]
  }

  /// Brings the index of a copy up to date, writes it without anything that was removed, forgets the changes before it, and
  /// leaves no free pages.
  func compact() throws {
    let freed = try exclusively { session in
      try session.renewSnapshot()
      return try session.store.environment.read { try session.store.environment.freeBytes($0) }
    }
    // The numbers of faces in a change log that was cut off.
    if freed > 1 << 16 { try Environment.withExclusiveAccess(to: path) { try $0.compact() } }
    removeLocks()
  }

  /// Runs `body` with the gallery in a copy that nobody else uses.
  private func exclusively<Result>(_ body: (Session) throws -> Result) throws -> Result {
    defer { removeLocks() }
    let url = URL(filePath: path, directoryHint: .isDirectory)
    let session = try Session(url: url, options: GalleryOptions(access: .existing))
    defer { session.keeper.prefetching.wait() }
    return try body(session)
  }

  private func removeLocks() {
    for name in ["lock.mdb", "index.lock"] { unlink("\(path)/\(name)") }
  }

  /// Puts database and index of a finished copy in the place of those that are here.
  ///
  /// - Parameters:
  ///   - snapshotFirst: For a copy of this same history, of which the new index serves the old database, too.
  ///   - head: What ``head()`` must still be: that nobody has changed anything since.
  /// - Returns: What could not be done of what is derived, a sentence each.
  /// - Throws: ``LMDBError`` `inUse` when somebody has the gallery open; then nothing has changed.
  func take(from copy: NewFolder, snapshotFirst: Bool, replacing head: [UInt8]? = nil) throws -> [String] {
    try Environment.withExclusiveAccess(to: path) { access in
      if let head, try self.head() != head { throw LMDBError.inUse }
      let url = URL(filePath: path, directoryHint: .isDirectory)
      let old = IndexSnapshot(folder: url)
      let new = IndexSnapshot(folder: URL(filePath: copy.temporaryPath, directoryHint: .isDirectory))
      if snapshotFirst, new.bytes != nil { try Folder.move(new.path, to: old.path) }
      try access.replaceData(by: "\(copy.temporaryPath)/data.mdb")
      // From here on the copy is the gallery: what goes wrong is no reason to say that it is not.
      var warnings: [String] = []
      if !snapshotFirst {
        if new.bytes != nil {
          do {
            try Folder.move(new.path, to: old.path)
          } catch {
            unlink(old.path)
            warnings.append("The index was left out, and is made anew when it is needed: \(error)")
          }
        } else {
          unlink(old.path)
        }
      }
      old.removeLeftovers()
      EmbeddingStage.remove(in: url)
      return warnings
    }
  }
}

extension Session {
  /// Writes the snapshot anew, so that it holds nothing that was removed, and forgets the changes before it.
  fileprivate func renewSnapshot() throws {
    try keeper.catchUp()
    try keeper.withSoundIndex { try keeper.save(replacing: true, trims: false) }
    keeper.prefetching.wait()
    guard let sequence = keeper.view?.sequence, sequence > 0 else { return }
    // The snapshot's own change stays: by its tag the snapshot is known to be of this history.
    try store.trim(through: sequence - 1)
  }

  /// Judges the snapshot of a copy; nil when it may stay, else why not.
  fileprivate func settleSnapshot(longestTail: Int) throws -> String? {
    let (finding, tail, hasRemovals) = try store.environment.read { transaction in
      let finding = try keeper.snapshot.open(for: store, transaction)
      var (tail, hasRemovals) = (0, false)
      if finding.index != nil, let label = finding.label {
        try store.forEachChange(after: label.sequence, transaction) { _, change in
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
    try keeper.save(replacing: true, trims: false)
    return nil
  }
}
