internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support
internal import VectorIndex

/// The file `index.snapshot`: how it is read, judged and replaced.
struct IndexSnapshot: Sendable {
  let path: String
  private let lockPath: String

  /// The snapshot in a folder; nil is none, and none will be.
  init(folder: URL?) {
    path = folder?.appending(path: "index.snapshot").path(percentEncoded: false) ?? ""
    lockPath = folder?.appending(path: "index.lock").path(percentEncoded: false) ?? ""
  }

  /// Whether there may be one: a gallery that a server keeps has no folder for it.
  var hasPlace: Bool { !path.isEmpty }

  /// How long to wait for another process that saves; a large index takes seconds.
  private static let patience = Duration.seconds(600)

  /// Snapshots of at most so many bytes are checked as a whole before they are used: a few milliseconds.
  private static let bytesCheckedAtOnce = 32 << 20

  /// What was found: an index with its label, or why there is none.
  struct Finding {
    let state: GalleryInfo.SnapshotState
    var label: SnapshotLabel?
    var index: HNSWIndex?
    var problem: String?
  }

  /// Size of the file; nil when there is none.
  var bytes: Int? {
    hasPlace ? InputFile.status(of: path).map { Int($0.size) } : nil
  }

  /// Opens the snapshot if it belongs to this state of a gallery's store.
  func open(for gallery: UUID, _ state: borrowing Snapshot) throws -> Finding {
    guard bytes != nil else {
      return Finding(state: .missing, problem: hasPlace ? "There is no snapshot of the index." : nil)
    }
    let index: HNSWIndex
    let label: SnapshotLabel
    do {
      index = try HNSWIndex.open(path, mode: .map)
      // Larger ones are checked beside the first searches.
      if let bytes, bytes <= Self.bytesCheckedAtOnce { try index.verify() }
      label = try SnapshotLabel(decoding: index.userInfo)
    } catch let error as IndexError {
      return Finding(state: error.isOfRights ? .unreadable : .damaged, problem: error.description)
    } catch {
      return Finding(state: .damaged, problem: "The snapshot's label is of another version.")
    }
    func unusable(_ state: GalleryInfo.SnapshotState, _ problem: String) -> Finding {
      Finding(state: state, label: label, problem: problem)
    }
    guard label.gallery == gallery else {
      return unusable(.foreign, "The snapshot belongs to another gallery.")
    }
    guard let engine = try state.fingerprint(), engine.digest == label.engine,
      engine.dimension == index.configuration.dimension
    else { return unusable(.foreign, "The snapshot belongs to another engine.") }
    let counters = try state.counters()
    guard label.sequence <= counters.sequence else {
      return unusable(.tooNew, "The snapshot is newer than the store, which was replaced by an older copy.")
    }
    guard label.sequence == counters.sequence || label.sequence > counters.trimmed else {
      return unusable(.tooOld, "The change log no longer reaches back to the snapshot.")
    }
    let tag =
      label.sequence == counters.sequence ? counters.tag : try state.change(label.sequence)?.tag
    guard tag == label.tag else {
      return unusable(.foreign, "The snapshot belongs to another history of this gallery.")
    }
    return Finding(
      state: label.sequence == counters.sequence ? .current : .behind, label: label, index: index)
  }

  /// Replaces the snapshot unless the one there holds as much, or another process is replacing it right now.
  ///
  /// - Parameters:
  ///   - always: Whether one that holds as much is replaced too.
  ///   - isWaiting: Whether to wait for the other one to end, instead of leaving it to that.
  /// - Returns: Whether the snapshot on disk now holds at least `label.sequence` of the same history.
  /// - Throws: `SystemError` on a file system without locks.
  func replace(with index: HNSWIndex, label: SnapshotLabel, always: Bool = false, isWaiting: Bool = false)
    throws -> Bool
  {
    guard hasPlace else { return false }
    guard let lock = try FileLock.take(lockPath, patience: isWaiting ? Self.patience : .zero) else {
      return false
    }
    defer { withExtendedLifetime(lock) {} }
    if !always, let there = try? SnapshotLabel(decoding: HNSWIndex.userInfo(of: path)),
      there.gallery == label.gallery, there.engine == label.engine, there.sequence >= label.sequence,
      there.sequence > label.sequence || there.tag == label.tag
    {
      return there.sequence == label.sequence
    }
    removeLeftovers()
    try index.save(to: path, userInfo: label.encoded)
    return true
  }

  /// Runs `body` while nobody replaces the snapshot.
  ///
  /// - Throws: `SystemError` when somebody does for long, and what `body` throws.
  func whileNobodySaves<Result>(_ body: () throws -> Result) throws -> Result {
    guard let lock = try FileLock.take(lockPath, patience: Self.patience) else {
      throw SystemError("be locked", lockPath, code: EBUSY)
    }
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  /// Removes the snapshot when the change log no longer reaches back to it: nobody can follow it up, and it still has the
  /// vectors of those who were removed since.
  ///
  /// Where another process is saving one, that one takes its place.
  ///
  /// - Returns: Whether it was removed.
  func removeIfTooOld(for gallery: UUID, _ state: borrowing Snapshot) throws -> Bool {
    guard hasPlace, let lock = try FileLock.take(lockPath) else { return false }
    defer { withExtendedLifetime(lock) {} }
    guard try open(for: gallery, state).state == .tooOld else { return false }
    return unlink(path) == 0
  }

  /// Copies the file, where there is one, into another folder; the copy is whole and on disk, or this throws.
  ///
  /// - Returns: False for a file that this user may not read, of which there is no copy.
  func copy(to folder: String) throws -> Bool {
    guard bytes != nil else { return true }
    guard access(path, R_OK) == 0 || errno != EACCES else { return false }
    let source = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    let copy = try ReplacementFile("\(folder)/index.snapshot")
    try source.withUnsafeBytes { try copy.write($0, at: 0) }
    try copy.commit()
    return true
  }

  /// Removes half-written snapshots, unless somebody is writing one, and returns their names.
  func clearLeftovers() -> [String] {
    // Without the lock nobody knows.
    guard !leftovers.isEmpty, let lock = try? FileLock.take(lockPath) else { return [] }
    defer { withExtendedLifetime(lock) {} }
    let names = leftovers
    removeLeftovers()
    return names
  }

  /// Removes half-written snapshots of processes that were killed while they saved.
  ///
  /// Only for those whom the lock, or sole use of the gallery, tells that nobody is writing one.
  func removeLeftovers() {
    for name in leftovers { unlink("\(Folder.of(path))/\(name)") }
  }

  private var leftovers: [String] {
    guard hasPlace else { return [] }
    let names = (try? Folder.names(in: Folder.of(path)).valid) ?? []
    return names.filter { $0.hasPrefix("index.snapshot.") && $0.hasSuffix(".partial") }
  }
}

/// What a gallery writes into the snapshot of its index: whose it is and what it holds.
struct SnapshotLabel: Hashable {
  static let magic = Array("FGIX".utf8)
  static let version: UInt16 = 1

  let gallery: UUID
  /// Digest of the engine's fingerprint, hexadecimal.
  let engine: String
  /// The last change that the index holds.
  let sequence: UInt64
  /// The tag of that change.
  let tag: UInt64

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.integer(Self.version)
    writer.raw(gallery.bytes)
    writer.integer(sequence)
    writer.integer(tag)
    writer.text(engine)
    return writer.bytes
  }

  init(gallery: UUID, engine: String, sequence: UInt64, tag: UInt64) {
    self.gallery = gallery
    self.engine = engine
    self.sequence = sequence
    self.tag = tag
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    guard Array(try reader.raw(4)) == Self.magic, try reader.integer(UInt16.self) == Self.version else {
      throw ByteReader.Malformed()
    }
    gallery = UUID(bytes: Array(try reader.raw(16)))
    sequence = try reader.integer()
    tag = try reader.integer()
    engine = try reader.text()
  }
}

extension IndexError {
  /// Whether a file's permissions stood in the way.
  fileprivate var isOfRights: Bool {
    if case .file(_, _, let code) = self { [EACCES, EPERM].contains(code) } else { false }
  }
}
