internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Synchronization
internal import VectorIndex

/// Saves the index when that spares the next opening much work, and trims the change log behind the snapshot: in the
/// background beside other work, and when the gallery is closed.
final class IndexSaver: Sendable {
  private let keeper: IndexKeeper
  private let options: GalleryOptions
  /// Is told what goes wrong in the background.
  private let warn: @Sendable (String) -> Void
  private let worker = BackgroundWorker()
  /// Commits of this process.
  private let commits = Atomic(0)

  /// What went wrong in the background: how often, and the last time if nothing went well since.
  private let failed = Mutex<(count: Int, problem: String?)>((0, nil))

  private var store: any Store { keeper.store }

  init(_ keeper: IndexKeeper, options: GalleryOptions, warn: @escaping @Sendable (String) -> Void) {
    self.keeper = keeper
    self.options = options
    self.warn = warn
  }

  var canSave: Bool { options.access != .readOnly && keeper.snapshot.hasPlace }

  /// Saves the index, and trims the change log far behind the snapshot.
  ///
  /// - Parameters:
  ///   - replacing: Whether a snapshot that holds as much is replaced too.
  ///   - isWaiting: Whether to wait for another thread or process that is saving, and then save what is newer.
  ///   - trims: Whether the change log is trimmed.
  func save(replacing: Bool = false, isWaiting: Bool = false, trims: Bool = true) throws {
    guard let view = keeper.view, let engine = try store.read({ try $0.fingerprint()?.digest }) else {
      return
    }
    // Another gallery's folder gets no index of this one.
    try store.checkPlace()
    let label = SnapshotLabel(gallery: store.uuid, engine: engine, sequence: view.sequence, tag: view.tag)
    let isSaved = try keeper.snapshot.replace(
      with: view.index, label: label, always: replacing, isWaiting: isWaiting)
    guard isSaved else { return }
    keeper.didSave(view.sequence)
    guard trims else { return }
    // Other processes with an older index follow the log; those further back than this load the snapshot.
    let margin = UInt64(max(options.changesBeforeSnapshot, 1))
    if view.sequence > 2 * margin { try store.trimLog(through: view.sequence - margin) }
  }

  /// Saves the index when so much has changed since the last snapshot that opening would suffer.
  func saveIfWorthwhile() throws {
    guard canSave, let view = keeper.view else { return }
    if isWorthwhile(upTo: view.sequence, faces: view.index.count, closing: false) { try save() }
  }

  /// Whether a snapshot up to this change would spare the next opening enough work.
  ///
  /// - Parameter closing: Whether the gallery is being closed: then small galleries are saved after any change.
  private func isWorthwhile(upTo sequence: UInt64, faces: Int, closing: Bool) -> Bool {
    let snapshot = keeper.snapshotStatus
    let saved = snapshot.sequence ?? 0
    let tail = sequence > saved ? sequence - saved : 0
    let isMissing = ![.current, .behind].contains(snapshot.state)
    if closing, faces <= IndexKeeper.lightGallery { return tail > 0 || isMissing }
    return (isMissing && faces > IndexKeeper.smallGallery)
      || (tail >= UInt64(max(options.changesBeforeSnapshot, 1)) && tail >= UInt64(faces / 10))
  }

  /// Notes that this process has changed the store.
  func didCommit() {
    // An index that nobody has asked for, and that is saved nowhere, is not made in advance.
    if !keeper.snapshot.hasPlace, keeper.view == nil { return }
    // Now and then, so that a long run of additions does not leave all the work to its end.
    if commits.wrappingAdd(1, ordering: .relaxed).newValue.isMultiple(of: 64) { catchUpInBackground() }
  }

  /// Notes that this process has begun the change log anew: no snapshot from before can be followed up, and it still has
  /// the vectors of those who were removed.
  func didBeginAnew() {
    if keeper.snapshot.hasPlace { unlink(keeper.snapshot.path) }
    didCommit()
  }

  /// Brings the index up to date, and saves it when that is worthwhile, on a thread of its own.
  func catchUpInBackground() {
    worker.kick { [weak self] in
      guard let self else { return }
      // Trouble with the index is not trouble with the gallery: queries scan.
      do {
        try keeper.catchUp(isCancelled: { self.worker.isCancelled })
        try saveIfWorthwhile()
        try store.checkPlace()
        try keeper.removeOldSnapshot()
        note(nil)
      } catch {
        note(error)
      }
    }
  }

  /// What went wrong in the background: how often, and the last time if nothing went well since.
  var failures: (count: Int, problem: String?) { failed.withLock { $0 } }

  /// Notes how work in the background went, and warns unless the same has been said already.
  private func note(_ error: (any Error)?) {
    let problem = error.map { GalleryError(indexNotSaved: $0).message }
    let isNew = failed.withLock { failed in
      defer { failed = (failed.count + (problem == nil ? 0 : 1), problem) }
      return problem != failed.problem
    }
    if let problem, isNew { warn(problem) }
  }

  /// Ends the work: brings the index up to date when this process changed the store and that is soon done,
  /// and saves it when that is worthwhile.
  func finish() throws {
    defer { keeper.waitForPrefetching() }
    worker.stop()
    guard commits.load(ordering: .relaxed) > 0, canSave else { return }
    do {
      try store.checkPlace()
    } catch {
      // Who changed something since was told; there is no folder to save anything in.
      return
    }
    try keeper.open()
    try keeper.removeOldSnapshot()
    let (sequence, faces) = try store.read { (try $0.counters().sequence, try $0.faceCount()) }
    guard let view = keeper.view, isWorthwhile(upTo: sequence, faces: faces, closing: true) else { return }
    // What is caught up is saved; the next opening follows the log from there.
    let isNear = sequence <= view.sequence + UInt64(IndexKeeper.lightGallery)
    // An index that holds nothing yet spares it nothing.
    guard isNear || view.index.count > 0 else { return }
    if isNear { try keeper.catchUp() }
    try keeper.withSoundIndex { try save() }
  }
}
