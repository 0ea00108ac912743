public import Foundation
internal import GalleryStore

extension Gallery {
  /// Removes a person with all faces, and says how many there were.
  ///
  /// - Parameter purge: Keeps nothing for ``undo(_:)``; as for several people.
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  @discardableResult
  public func remove(_ person: some PersonReference, purge: Bool = false) throws(GalleryError) -> Int {
    try remove(CollectionOfOne(person), purge: purge)
  }

  /// Removes people with all their faces in one step: all of them, or, when this throws, nobody.
  ///
  /// - Parameter purge: As for ``remove(people:purge:)``.
  /// - Returns: How many faces there were.
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  @discardableResult
  public func remove(
    _ people: some Sequence<some PersonReference>, purge: Bool = false
  ) throws(GalleryError) -> Int {
    try remove(people: Array(people), purge: purge).faces
  }

  /// Removes people with all their faces in one step, and says by which number that is undone, whoever else removes something
  /// meanwhile: all of them, or, when this throws, nobody.
  ///
  /// - Parameter purge: Keeps nothing of them; else ``undo(_:)`` brings them back for a day. What earlier removals keep of
  ///   them, or of others of their names, is forgotten as well.
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  /// - Complexity: O(*f* log *n*) for *f* faces.
  @discardableResult
  public func remove(
    people: [some PersonReference], purge: Bool = false
  ) throws(GalleryError) -> RemovalReport {
    try write { writer in
      for person in people { _ = try writer.verified(person) }
      return RemovalReport(
        try writer.remove(people: Set(people.map(\.number)).sorted(), keeping: !purge))
    }
  }

  /// Removes a face; its person stays, also without faces.
  ///
  /// - Parameter purge: Keeps nothing for ``undo(_:)``.
  /// - Throws: ``GalleryError``: `noSuchFace`.
  public func remove(_ face: FaceID, purge: Bool = false) throws(GalleryError) {
    try remove(CollectionOfOne(face), purge: purge)
  }

  /// Removes faces in one step: all of them, or, when this throws, none; their people stay, also without faces.
  ///
  /// - Parameter purge: As for ``remove(faces:purge:)``.
  /// - Throws: ``GalleryError``: `noSuchFace`.
  public func remove(_ faces: some Sequence<FaceID>, purge: Bool = false) throws(GalleryError) {
    try remove(faces: Array(faces), purge: purge)
  }

  /// Removes faces in one step, and says by which number that is undone, whoever else removes something meanwhile: all of them, or,
  /// when this throws, none; their people stay, also without faces.
  ///
  /// - Parameter purge: Keeps nothing for ``undo(_:)``; what earlier removals keep of the same faces is forgotten as well.
  /// - Throws: ``GalleryError``: `noSuchFace`.
  @discardableResult
  public func remove(faces: [FaceID], purge: Bool = false) throws(GalleryError) -> RemovalReport {
    try write { writer in
      RemovalReport(try writer.remove(faces: Set(faces).sorted(), keeping: !purge))
    }
  }

  /// Removes every face without a name, and says how many there were.
  ///
  /// - Parameter purge: Keeps nothing for ``undo(_:)``.
  @discardableResult
  public func removeUnnamed(purge: Bool = false) throws(GalleryError) -> Int {
    try write { writer in
      try writer.remove(faces: writer.faces(of: .unnamed), keeping: !purge).faces
    }
  }

  /// Removes everybody with all faces in one step: others see all or nobody, and after a failure all are there. Faces
  /// without a name stay.
  ///
  /// - Parameter purge: Keeps nothing for ``undo(_:)``, and forgets all that earlier removals keep.
  /// - Returns: How many people and faces there were.
  /// - Throws: ``GalleryError``, among them `diskFull` when there is no room to keep them: then nobody was removed.
  /// - Complexity: O(*n* log *n*) for *n* faces, all of which are copied once; O(pages) with `purge` when all faces have
  ///   names. The index is made anew.
  @discardableResult
  public func removeAllPeople(purge: Bool = false) throws(GalleryError) -> (people: Int, faces: Int) {
    try perform { session in
      let removed = try session.store.write { try $0.removeEverybody(keeping: !purge) }
      session.saver.didBeginAnew()
      if purge, let folder { PhotoCache.remove(in: folder) }
      return removed
    }
  }

  /// The removals that can be undone, older ones first; without those that are not what was written, which ``check(repair:recallSample:progress:)``
  /// tells.
  public func removals() throws(GalleryError) -> [Removal] { try read { try $0.currentRemovals() } }

  /// Brings back, in one step, who and what was removed, with faces, thumbnails, tags and numbers.
  ///
  /// Who was added since stays. A person whose name somebody else has got meanwhile gives that person the faces. A face that
  /// has been added again since, as anybody's, is skipped, and so is a person who has no other. Who was removed again since stays
  /// removed until that is undone, and does not come back at all when it was to purge.
  ///
  /// - Parameter number: Which removal is undone, see ``removals()``; nil is the latest.
  /// - Returns: How many people and faces came back, and how many faces were skipped.
  /// - Throws: ``GalleryError``: `nothingToUndo` when there is no such removal or all were removed again since, `damaged` when what was kept is not what was
  ///   written, `engineMismatch` when the gallery has another engine's embeddings by now, `diskFull`, …. Then nothing has changed.
  /// - Complexity: O(*r* log *n* + *m*) for *r* faces of the removal, and *m* faces that removals keep or that were added since.
  @discardableResult
  public func undo(_ number: UInt64? = nil) throws(GalleryError) -> (people: Int, faces: Int, skipped: Int) {
    try write { writer in
      let latest = try number ?? writer.latestRemoval()
      if let latest, let returned = try writer.undo(latest) { return returned }
      throw GalleryError(
        .nothingToUndo,
        number.map { "There is no removal \($0) that could be undone." }
          ?? "There is nothing to undo."
      )
    }
  }

  /// Forgets removals that were kept for a day; opening a gallery does so too.
  public func forgetExpiredRemovals(now: Date = .now) throws(GalleryError) {
    guard options.access != .readOnly else { throw GalleryError.notWritable }
    try perform { session in try session.forgetExpiredRemovals(now: now) }
  }
}

extension Session {
  /// Forgets what was kept for a day.
  func forgetExpiredRemovals(now: Date = .now) throws {
    let isDue = try store.read { try $0.removals() }.contains { $0.isExpired(now) || $0.isOfFuture(now) }
    guard isDue else { return }
    try store.write { _ = try $0.forgetExpiredRemovals(now: now) }
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The removals whose day is not over; where nobody may write they are not forgotten.
  func currentRemovals() throws -> [Removal] { try removals().filter { !$0.isExpired(.now) } }
}
