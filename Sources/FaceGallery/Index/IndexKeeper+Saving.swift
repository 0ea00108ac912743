internal import FaceEngine
internal import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

extension IndexKeeper {
  /// Saves the index when so much has changed since the last snapshot that opening would suffer.
  func saveIfWorthwhile() throws {
    guard canSave, let view else { return }
    if isSavingWorthwhile(upTo: view.sequence, faces: view.index.count, closing: false) { try save() }
  }

  /// Whether a snapshot up to this change would spare the next opening enough work.
  ///
  /// - Parameter closing: Whether the gallery is being closed: then small galleries are saved after any change.
  private func isSavingWorthwhile(upTo sequence: UInt64, faces: Int, closing: Bool) -> Bool {
    let snapshot = state.withLock { $0.snapshot }
    let saved = snapshot.sequence ?? 0
    let tail = sequence > saved ? sequence - saved : 0
    let isMissing = ![.current, .behind].contains(snapshot.state)
    if closing, faces <= Self.lightGallery { return tail > 0 || isMissing }
    return (isMissing && faces > Self.smallGallery)
      || (tail >= UInt64(max(options.changesBeforeSnapshot, 1)) && tail >= UInt64(faces / 10))
  }

  /// Saves the index, and trims the change log far behind the snapshot.
  ///
  /// - Parameters:
  ///   - replacing: Whether a snapshot that holds as much is replaced too.
  ///   - isWaiting: Whether to wait for another thread or process that is saving, and then save what is newer.
  ///   - trims: Whether the change log is trimmed.
  func save(replacing: Bool = false, isWaiting: Bool = false, trims: Bool = true) throws {
    let (index, sequence, tag) = state.withLock { ($0.index, $0.sequence, $0.tag) }
    guard let index, let engine = try store.environment.read({ try store.fingerprint($0)?.digest }) else {
      return
    }
    let label = SnapshotLabel(gallery: store.uuid, engine: engine, sequence: sequence, tag: tag)
    guard try snapshot.replace(with: index, label: label, always: replacing, isWaiting: isWaiting) else {
      return
    }
    state.withLock { $0.snapshot = (.current, sequence, nil) }
    guard trims else { return }
    // Other processes with an older index follow the log; those further back than this load the snapshot.
    let margin = UInt64(max(options.changesBeforeSnapshot, 1))
    if sequence > 2 * margin { try store.trim(through: sequence - margin) }
  }
}

extension IndexKeeper {
  /// Notes that this process has changed the store.
  func didCommit() {
    let commits = state.withLock { state in
      state.commits += 1
      return state.commits
    }
    // Now and then, so that a long run of additions does not leave all the work to its end.
    if commits.isMultiple(of: 64) { catchUpInBackground() }
  }

  /// Notes that this process has begun the change log anew: no snapshot from before can be followed up, and it still has
  /// the vectors of those who were removed.
  func didBeginAnew() {
    unlink(snapshot.path)
    didCommit()
  }

  /// Ends the work: brings the index up to date when this process changed the store and that is soon done,
  /// and saves it when that is worthwhile.
  func finish() throws {
    defer { prefetching.wait() }
    worker.stop()
    guard state.withLock({ $0.commits > 0 }), canSave else { return }
    try load()
    let (sequence, faces) = try store.environment.read { transaction in
      (try store.counters(transaction).sequence, try transaction.count(of: store.tables.vectors))
    }
    guard let view, isSavingWorthwhile(upTo: sequence, faces: faces, closing: true) else { return }
    // What is caught up is saved; the next opening follows the log from there.
    let isNear = sequence <= view.sequence + UInt64(Self.lightGallery)
    // An index that holds nothing yet spares it nothing.
    guard isNear || view.index.count > 0 else { return }
    if isNear { try catchUp() }
    try withSoundIndex { try save() }
  }
}
