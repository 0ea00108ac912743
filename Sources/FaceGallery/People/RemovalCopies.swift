public import Foundation
internal import GalleryStore
internal import Support

/// The copies that a gallery keeps of itself before everybody is removed: folders in `removed`, each a gallery with a
/// description beside its `data.mdb`. Only their owner may look into them.
///
/// A copy counts when the store notes it (`keptCopies`), which the transaction does that removes everybody. What is not noted was
/// left by a process that was killed before, or by a gallery that a restored backup took the place of: it is of nobody who was
/// removed, and goes with the next removal. What is removed is removed from the copies too.
struct RemovalCopies {
  /// A copy is kept for a day.
  static let lifetime: TimeInterval = 24 * 3600

  private static let description = "removal.json"

  /// Where the copies are.
  let folder: URL

  init(gallery: URL) { folder = gallery.appending(path: "removed", directoryHint: .isDirectory) }

  /// The copies that can be used, of those that the store notes, older ones first.
  func all(of noted: [String]) -> [RemovalCopy] {
    Set(names).intersection(noted).compactMap(description(of:))
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
  func keep(_ store: LMDBStore, people: Int, faces: Int, now: Date = .now) throws -> RemovalCopy {
    let copy = RemovalCopy(
      name: Self.name(now), removed: now, expires: now.addingTimeInterval(Self.lifetime), people: people,
      faces: faces)
    // Until it is complete it has another name, and is gone when this fails.
    let copied = try NewFolder(url(of: copy.name).path(percentEncoded: false))
    try store.copy(to: copied.temporaryPath)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: copied.temporaryPath + "/data.mdb")
    try ReplacementFile.write(
      try JSONEncoder().encode(copy), to: "\(copied.temporaryPath)/\(Self.description)")
    try copied.commit()
    return copy
  }

  /// Deletes a copy.
  func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(of: name)) }

  /// Deletes what does not count. The caller has the write transaction: none is being made meanwhile.
  ///
  /// - Returns: The names that are left.
  @discardableResult
  func removeStrays(_ noted: [String]) throws -> [String] {
    Leftovers.clear(in: folder.path(percentEncoded: false))
    let noted = Set(noted)
    for name in names where !noted.contains(name) { try remove(name) }
    return names
  }

  /// Takes out of the copies who is being removed. The caller has the write transaction that does so.
  ///
  /// - Throws: ``GalleryError`` when somebody would be left in a copy; one in which nobody can be removed is deleted.
  func remove(_ trace: RemovalTrace, noted: [String]) throws {
    for name in try removeStrays(noted) {
      do {
        try LMDBStore(at: url(of: name), access: .existing).write { old in try old.remove(trace) }
      } catch {
        try remove(name)
      }
    }
  }

  /// Deletes every copy, and what is left of unfinished ones.
  func removeAll() throws {
    guard FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) else { return }
    try FileManager.default.removeItem(at: folder)
  }

  /// Deletes the copies whose time is over, and what a process that was killed left of one.
  func removeExpired(now: Date = .now) {
    Leftovers.clear(in: folder.path(percentEncoded: false))
    for name in names {
      let removed = description(of: name)?.removed ?? modified(name)
      // Without a description its age is the folder's.
      if let removed, removed.addingTimeInterval(Self.lifetime) <= now { try? remove(name) }
    }
  }

  private var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
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
