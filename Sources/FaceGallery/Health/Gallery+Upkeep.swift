public import Foundation
internal import GalleryStore
internal import VectorIndex

extension Gallery {
  /// Names and versions of the C libraries that a gallery rests on.
  public static var libraryVersions: [(name: String, version: String)] {
    Stores.libraryVersions
  }

  /// Names the gallery for ever, also in its backups.
  public var uuid: UUID {
    get throws(GalleryError) { try perform { $0.store.uuid } }
  }

  /// What is in the gallery and how its index stands.
  ///
  /// - Complexity: O(*n*) for the figures of the index: milliseconds for a million faces.
  public func info() throws(GalleryError) -> GalleryInfo {
    try perform { session in
      let (store, keeper) = (session.store, session.keeper)
      try keeper.open()
      return try store.read { snapshot in
        let counters = try snapshot.counters()
        let fingerprint = try snapshot.fingerprint()
        let space = try snapshot.space()
        let firstLogged = counters.sequence > counters.trimmed ? counters.trimmed + 1 : nil
        return GalleryInfo(
          url: url, uuid: store.uuid, schemaVersion: store.schemaVersion, created: store.created,
          sequence: counters.sequence, firstLoggedChange: firstLogged,
          people: try snapshot.personCount(),
          faces: try snapshot.faceCount(),
          unnamedFaces: try snapshot.faceCount(of: .unnamed),
          thumbnails: try snapshot.thumbnailCount(),
          dimension: fingerprint?.dimension, fingerprint: fingerprint,
          databaseBytes: space.used, freeBytes: space.free, server: try store.server(),
          replication: store.replication,
          tail: keeper.view == nil && !keeper.snapshot.hasPlace
            ? 0 : Int(counters.sequence - min(keeper.view?.sequence ?? 0, counters.sequence)),
          snapshot: session.snapshotInfo(counters), index: session.indexInfo(counters),
          removals: try snapshot.currentRemovals())
      }
    }
  }

  /// Checks that the gallery's folder is where it was opened: nothing more can be changed once it was moved, deleted or replaced,
  /// while queries go on.
  ///
  /// - Throws: ``GalleryError`` with code `replaced`.
  public func checkPlace() throws(GalleryError) { try perform { try $0.store.checkPlace() } }

  /// Builds the index anew from the stored embeddings and saves it.
  ///
  /// Queries and additions go on meanwhile.
  ///
  /// - Parameter progress: Called with the number of faces done and of all.
  /// - Complexity: O(*n* log *n*).
  public func rebuildIndex(progress: ((Int, Int) -> Void)? = nil) throws(GalleryError) {
    try perform { session in
      try session.keeper.rebuild(progress: progress)
      if session.saver.canSave { try session.saver.save(isWaiting: true) }
    }
  }

  /// Brings the index up to date and saves it, so that the next opening has nothing to catch up.
  ///
  /// - Throws: ``GalleryError``: `readOnly`, `diskFull`, `storage`.
  public func saveSnapshot() throws(GalleryError) {
    try Self.checkInFiles(url, "its index is saved nowhere.")
    try perform { session in
      guard session.saver.canSave else { throw GalleryError.notWritable }
      try session.keeper.catchUp()
      try session.keeper.withSoundIndex { try session.saver.save(isWaiting: true) }
    }
  }
}

extension Session {
  fileprivate func snapshotInfo(_ counters: Counters) -> GalleryInfo.Snapshot {
    let status = keeper.snapshotStatus
    let isBehind = status.state == .current && (status.sequence ?? 0) < counters.sequence
    return GalleryInfo.Snapshot(
      state: isBehind ? .behind : status.state, sequence: status.sequence, bytes: keeper.snapshot.bytes,
      problem: status.problem)
  }

  fileprivate func indexInfo(_ counters: Counters) -> GalleryInfo.Index {
    let view = keeper.view
    let isReady = view.map { $0.sequence + IndexKeeper.lightTail >= counters.sequence } ?? false
    let failures = saver.failures
    let configuration = view?.index.configuration ?? HNSWIndex.Configuration(dimension: 1)
    return GalleryInfo.Index(
      isReady: isReady, count: view?.index.count ?? 0, M: configuration.M,
      efConstruction: configuration.efConstruction, memoryBytes: view?.index.statistics.memoryBytes ?? 0,
      planCounts: queriesByPlan, failures: failures.count, problem: failures.problem)
  }
}
