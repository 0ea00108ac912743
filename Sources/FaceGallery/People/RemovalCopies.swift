public import Foundation
internal import GalleryStore
internal import Support

/// The copies that a gallery keeps of itself before everybody is removed: folders in `removed`, each a gallery with a
/// description beside its files. Only their owner may look into them.
///
/// A copy counts when the store notes it (`KeptCopies`), which the transaction does that removes everybody. What is not noted was
/// left by a process that was killed before, or by a gallery that a restored backup took the place of, or could not be deleted: it
/// is of nobody who can come back, and goes with the next change of the gallery.
///
/// What is removed is removed from the copies too: it is written down in them before (``note(_:in:)``), the transaction that
/// removes it notes that it did, and then it is carried out in the copies. Whatever ends a process in between, a removal that was
/// done is carried out before a copy is used.
struct RemovalCopies {
  /// A copy is kept for a day.
  static let lifetime: TimeInterval = 24 * 3600

  private static let description = "removal.json"
  /// What the names of files begin with that hold removals; their digests follow.
  private static let pending = "pending-"

  /// Where the copies are.
  let folder: URL

  init(gallery: URL) { folder = gallery.appending(path: "removed", directoryHint: .notDirectory) }

  /// The copies that can be used, of those that the store notes, older ones first.
  func all(of kept: KeptCopies) -> [RemovalCopy] {
    Set(names).intersection(kept.names).compactMap(description(of:))
      .sorted { ($0.removed, $0.name) < ($1.removed, $1.name) }
  }

  /// Whether there is anything in the folder.
  var isEmpty: Bool { names.isEmpty }

  /// Where a copy is.
  func url(of name: String) -> URL { folder.appending(path: name, directoryHint: .isDirectory) }

  /// Copies a store, as of its last commit, before so many people and faces are removed from it; the copy is on disk when
  /// this returns.
  ///
  /// The caller has the write transaction that removes them, so that nobody is in the gallery who is not in the copy, and
  /// no two copies are made at a time.
  func keep(_ store: any Store, people: Int, faces: Int, now: Date = .now) throws -> RemovalCopy {
    try checkFolder()
    let copy = RemovalCopy(
      name: Self.name(now), removed: now, expires: now.addingTimeInterval(Self.lifetime), people: people,
      faces: faces)
    // Until it is complete it has another name, and is gone when this fails.
    let copied = try NewFolder(path(of: copy.name))
    try store.copy(to: copied.temporaryPath, progress: nil)
    try ReplacementFile.write(
      try JSONEncoder().encode(copy), to: "\(copied.temporaryPath)/\(Self.description)")
    try copied.commit()
    return copy
  }

  // MARK: Later removals

  /// Writes down in the copies who is about to be removed; it is on disk when this returns, and counts when the store notes it.
  /// The caller has the write transaction.
  ///
  /// - Returns: What the store is to note.
  /// - Throws: When it cannot be written: then nobody may be removed, who could come back.
  func note(_ trace: RemovalTrace, in kept: KeptCopies) throws -> String {
    let bytes = try JSONEncoder().encode(trace)
    let digest = SHA256.hexadecimal(of: bytes)
    if !kept.names.isEmpty { try checkFolder() }
    for name in kept.names {
      do {
        try ReplacementFile.write(bytes, to: file(of: digest, in: name))
      } catch {
        // Its day may be over at any time.
        if isThere(name) { throw error }
      }
    }
    return digest
  }

  /// Carries out in a copy what the store notes that was removed since.
  ///
  /// - Throws: ``GalleryError``, with code `damaged` when nobody can be removed from the copy. It must not be used then.
  func carryOut(_ removals: [String], in name: String) throws {
    try checkFolder()
    let there = Set(try pending(in: name))
    for digest in removals where there.contains(digest) {
      let file = file(of: digest, in: name)
      do {
        let bytes = try Data(contentsOf: URL(filePath: file))
        guard SHA256.hexadecimal(of: bytes) == digest else {
          throw GalleryError.damaged("\(file) is not what was written")
        }
        let trace = try JSONDecoder().decode(RemovalTrace.self, from: bytes)
        try Stores.open(at: url(of: name), access: .existing).write { old in try old.remove(trace) }
      } catch {
        // Somebody else may have done it, or deleted the copy.
        guard try pending(in: name).contains(digest) else { continue }
        let error = GalleryError(cause: error)
        throw error.isDamage ? GalleryError.damagedCopy(name, error.message) : error
      }
      unlink(file)
    }
  }

  /// Carries out in all copies what was removed since, as far as that is possible; a copy that is damaged is deleted.
  ///
  /// - Returns: What could not be done, a sentence each.
  func carryOut(_ kept: KeptCopies) -> [String] {
    kept.names.compactMap { name in
      do {
        try carryOut(kept.removals, in: name)
        return nil
      } catch {
        let error = GalleryError(cause: error)
        guard error.isDamage else {
          return
            "Who was removed is still in the copy \(name) that is kept for undo, and is removed from it before it is used: "
            + error.message
        }
        return remove(name)
          ?? "The copy \(name) that was kept for undo was damaged, so that nobody could be removed from it, and was deleted."
      }
    }
  }

  /// Carries out in a folder what was removed since, if it is a copy that a gallery keeps: it is no backup of that before.
  static func carryOut(at folder: URL) throws {
    let copy = folder.standardizedFileURL.resolvingSymlinksInPath()
    let above = copy.deletingLastPathComponent()
    let gallery = above.deletingLastPathComponent()
    let copies = RemovalCopies(gallery: gallery)
    if copies.folder.lastPathComponent == above.lastPathComponent, Gallery.exists(at: gallery) {
      do {
        let kept = try Stores.open(at: gallery, access: .readOnly).read { try $0.keptCopies() }
        try copies.carryOut(kept.removals, in: copy.lastPathComponent)
        // What was written down and never done.
        return
      } catch {
        // What a gallery noted that is lost is lost.
        if !GalleryError(cause: error).isDamage { throw error }
      }
    }
    let path = copy.path(percentEncoded: false)
    guard try !Folder.names(in: path).valid.contains(where: { $0.hasPrefix(pending) }) else {
      throw GalleryError(
        .invalidArgument,
        "\(path) is a copy that a gallery kept for undo, and was taken out of it before all were removed from it who were "
          + "removed later; restore another one.")
    }
  }

  /// Makes sure that a folder is no copy that a gallery keeps: it may have people in it who were removed since, until they are taken out of
  /// it before it is used.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument`.
  static func refuse(_ folder: URL) throws(GalleryError) {
    guard
      Stores.folder(at: folder).places.contains(where: { InputFile.status(of: "\($0)/\(description)") != nil }
      )
    else { return }
    throw GalleryError(
      .invalidArgument,
      "\(folder.path(percentEncoded: false)) is a copy that a gallery keeps for undo; undo the removal there, or restore the copy."
    )
  }

  /// Brings the folder in line with what the store notes: carries out what was removed, and deletes what does not count. The caller
  /// has the write transaction: nothing is being made meanwhile.
  ///
  /// - Returns: What is left, and what could not be done, a sentence each.
  func settle(_ kept: KeptCopies) -> (kept: KeptCopies, problems: [String]) {
    do { try checkFolder() } catch { return (kept, [error.message]) }
    Leftovers.clear(in: place)
    var problems = names.filter { !kept.names.contains($0) }.compactMap(remove)
    for name in kept.names {
      Leftovers.clear(in: path(of: name))
      for digest in (try? pending(in: name)) ?? [] where !kept.removals.contains(digest) {
        unlink(file(of: digest, in: name))
      }
    }
    problems += carryOut(kept)
    let names = kept.names.filter(isThere)
    let left = try? names.flatMap(pending(in:))
    let removals = left.map { left in kept.removals.filter(left.contains) }
    return (KeptCopies(names: names, removals: removals ?? kept.removals), problems)
  }

  // MARK: Deleting

  /// Deletes a copy, and says what could not be done.
  @discardableResult
  func remove(_ name: String) -> String? {
    do { try checkFolder() } catch { return error.message }
    return Folder.remove(path(of: name)).map {
      "A copy of people who were removed could not be deleted: \($0)"
    }
  }

  /// Deletes every copy that the store does not note, and what is left of unfinished ones; says what could not be done.
  ///
  /// Nobody keeps a copy meanwhile: that is done in write transactions, as this is.
  func removeUnnoted(by store: any Store) -> String? {
    do {
      try checkFolder()
      return try store.write { writer in
        let noted = try writer.keptCopies().names
        Leftovers.clear(in: place)
        let problem = names.filter { !noted.contains($0) }.compactMap(remove).first
        // What is not empty stays, as what somebody else has put there.
        rmdir(place)
        return problem
      }
    } catch {
      return Self.undeleted(error)
    }
  }

  /// Says that copies were not deleted, and why.
  static func undeleted(_ error: any Error) -> String {
    "Copies of people who were removed could not be deleted: \(GalleryError(cause: error).message)"
  }

  /// Deletes the copies whose time is over, and what a process that was killed left of one.
  func removeExpired(now: Date = .now) {
    guard !isLink else { return }
    Leftovers.clear(in: place)
    for name in names {
      let removed = description(of: name)?.removed ?? modified(name)
      // Without a description its age is the folder's.
      if let removed, removed.addingTimeInterval(Self.lifetime) <= now { remove(name) }
    }
  }

  // MARK: Files

  /// The folders that are called as copies are; others are none of ours.
  private var names: [String] {
    isLink ? [] : ((try? Folder.names(in: place).valid) ?? []).filter(Self.isName)
  }

  private var isLink: Bool { InputFile.isLink(place) }

  /// Makes sure that the folder is no link: what lies behind it may be somebody else's, and is not deleted with the gallery.
  private func checkFolder() throws(GalleryError) {
    guard isLink else { return }
    throw GalleryError(
      .invalidArgument,
      "\(place) is a link: copies of people who were removed are kept in the gallery's own folder; put a folder there."
    )
  }

  private var place: String { folder.path(percentEncoded: false) }

  private func path(of name: String) -> String { "\(place)/\(name)" }

  /// Whether there is a copy of this name; it is taken for there when that cannot be found out.
  func isThere(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(of: name), &status) == 0 || ![ENOENT, ENOTDIR].contains(errno)
  }

  private func file(of digest: String, in name: String) -> String {
    "\(path(of: name))/\(Self.pending)\(digest)"
  }

  /// The digests of the removals that are written down in a copy.
  private func pending(in name: String) throws(SystemError) -> [String] {
    do throws(SystemError) {
      return try Folder.names(in: path(of: name)).valid.filter { $0.hasPrefix(Self.pending) }
        .map { String($0.dropFirst(Self.pending.count)) }
    } catch {
      if error.code == ENOENT { return [] }
      throw error
    }
  }
  private func description(of name: String) -> RemovalCopy? {
    // What is unfinished has another name than its description.
    guard let data = try? Data(contentsOf: url(of: name).appending(path: Self.description)),
      let copy = try? JSONDecoder().decode(RemovalCopy.self, from: data), copy.name == name
    else { return nil }
    return copy
  }

  private func modified(_ name: String) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: url(of: name).path(percentEncoded: false))
    return attributes?[.modificationDate] as? Date
  }

  private static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}/) != nil
  }

  /// `20261129T201500Z-5f0c2d9a`: the time, and something that makes it unique.
  private static func name(_ now: Date) -> String {
    let time = now.ISO8601Format(.init(dateSeparator: .omitted, timeSeparator: .omitted))
    let digits = String(UInt32.random(in: .min ... .max), radix: 16)
    return time + "-" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// A copy of the gallery that was kept before everybody was removed; ``Gallery/undoRemoval(_:)`` takes them from it.
public struct RemovalCopy: Sendable, Hashable, Codable {
  /// Names the copy, and its folder in the gallery's folder `removed`; later copies sort behind earlier ones.
  public let name: String
  /// When everybody was removed.
  public let removed: Date
  /// When the copy is deleted.
  public let expires: Date
  /// How many people were removed.
  public let people: Int
  /// How many faces were removed.
  public let faces: Int
}
