public import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

extension Gallery {
  /// Names and versions of the C libraries that a gallery rests on.
  public static var libraryVersions: [(name: String, version: String)] {
    [("LMDB", Environment.libraryVersion)]
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
      try keeper.load()
      return try store.environment.read { transaction in
        let counters = try store.counters(transaction)
        let fingerprint = try store.fingerprint(transaction)
        let firstLogged = counters.sequence > counters.trimmed ? counters.trimmed + 1 : nil
        return GalleryInfo(
          url: url, uuid: store.uuid, schemaVersion: Int(store.formatVersion.major), created: store.created,
          sequence: counters.sequence, firstLoggedChange: firstLogged,
          people: try transaction.count(of: store.tables.persons),
          faces: try transaction.count(of: store.tables.vectors),
          unnamedFaces: try store.unnamedCount(transaction),
          thumbnails: try store.tables.thumbnails.map { try transaction.count(of: $0) } ?? 0,
          dimension: fingerprint?.dimension, fingerprint: fingerprint,
          databaseBytes: store.environment.usedBytes, freeBytes: try store.environment.freeBytes(transaction),
          tail: Int(counters.sequence - min(keeper.view?.sequence ?? 0, counters.sequence)),
          snapshot: keeper.snapshotInfo(counters), index: keeper.indexInfo(counters),
          removals: RemovalCopies(gallery: url).all)
      }
    }
  }

  /// Builds the index anew from the stored embeddings and saves it.
  ///
  /// Queries and additions go on meanwhile.
  ///
  /// - Parameter progress: Called with the number of faces done and of all.
  /// - Complexity: O(*n* log *n*).
  public func rebuildIndex(progress: ((Int, Int) -> Void)? = nil) throws(GalleryError) {
    try perform { session in
      try session.keeper.rebuild(progress: progress)
      if session.keeper.canSave { try session.keeper.save(isWaiting: true) }
    }
  }

  /// Brings the index up to date and saves it, so that the next opening has nothing to catch up.
  ///
  /// - Throws: ``GalleryError``: `readOnly`, `diskFull`, `storage`.
  public func saveSnapshot() throws(GalleryError) {
    try perform { session in
      guard session.keeper.canSave else { throw LMDBError.notWritable }
      try session.keeper.catchUp()
      try session.keeper.withSoundIndex { try session.keeper.save(isWaiting: true) }
    }
  }
}

extension IndexKeeper {
  /// Builds the index anew, whatever there is.
  func rebuild(progress: ((Int, Int) -> Void)?) throws {
    _ = try changing.withLock { _ in try build(isCancelled: { false }, progress: progress) }
    try catchUp()
  }

  fileprivate func snapshotInfo(_ counters: Counters) -> GalleryInfo.Snapshot {
    let (recorded, sequence, problem) = state.withLock { $0.snapshot }
    let isBehind = recorded == .current && (sequence ?? 0) < counters.sequence
    return GalleryInfo.Snapshot(
      state: isBehind ? .behind : recorded, sequence: sequence, bytes: snapshot.bytes, problem: problem)
  }

  fileprivate func indexInfo(_ counters: Counters) -> GalleryInfo.Index {
    let view = view
    let isReady = view.map { $0.sequence + Self.lightTail >= counters.sequence } ?? false
    let configuration = view?.index.configuration ?? HNSWIndex.Configuration(dimension: 1)
    return GalleryInfo.Index(
      isReady: isReady, count: view?.index.count ?? 0, M: configuration.M,
      efConstruction: configuration.efConstruction, memoryBytes: view?.index.statistics.memoryBytes ?? 0,
      planCounts: state.withLock { $0.planCounts })
  }
}
