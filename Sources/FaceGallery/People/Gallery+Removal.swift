public import Foundation
internal import GalleryStore

extension Gallery {
  /// Removes everybody with all faces in one step: others see all or nobody, and after a failure all are there. Faces
  /// without a name stay.
  ///
  /// Before, the gallery is copied into its folder `removed`, where the copy stays for a day: ``undoRemoval(_:)`` brings
  /// everybody back.
  ///
  /// - Parameter purge: Keeps no copy, and deletes those that are there; one that cannot be deleted brings nobody back, is told
  ///   in ``warnings``, and is deleted by the next change of the gallery.
  /// - Returns: How many people and faces there were.
  /// - Throws: ``GalleryError``, among them `diskFull` when there is no room for the copy: then nobody was removed.
  /// - Complexity: That of the pages that the gallery has, which are copied once; O(*n* log *n*) for *n* faces when there
  ///   are faces without a name. The index is made anew.
  @discardableResult
  public func removeAllPeople(purge: Bool = false) throws(GalleryError) -> (people: Int, faces: Int) {
    try perform { session in
      let store = session.store
      let copies = RemovalCopies(gallery: url)
      var made: RemovalCopy?
      let removed: (people: Int, faces: Int)
      do {
        removed = try store.write { writer in
          let people = try writer.personCount()
          let faces = try writer.faceCount() - writer.faceCount(of: .unnamed)
          if purge {
            try writer.setKeptCopies(KeptCopies())
          } else if people + faces > 0 {
            var kept = session.settle(copies, try writer.keptCopies())
            let copy = try copies.keep(store, people: people, faces: faces)
            made = copy
            kept.names = (kept.names + [copy.name]).sorted()
            try writer.setKeptCopies(kept)
          }
          return try writer.removeAllPeople()
        }
      } catch {
        // A copy of what is still there is of no use.
        let isNoted = try? store.read { [made] in try $0.keptCopies().names.contains { $0 == made?.name } }
        if let made, isNoted == false { copies.remove(made.name) }
        throw error
      }
      session.saver.didBeginAnew()
      // Not before: who is still there has to be in the copies, too.
      if purge {
        if let problem = copies.removeUnnoted(by: store) { session.warn(problem) }
        PhotoCache.remove(in: url)
      }
      return removed
    }
  }

  /// The copies of the gallery that were kept when everybody was removed, older ones first.
  public func removalCopies() throws(GalleryError) -> [RemovalCopy] {
    try perform { session in
      RemovalCopies(gallery: url).all(of: try session.store.read { try $0.keptCopies() })
    }
  }

  /// Deletes copies that were kept for a day; opening a gallery does so too.
  public func removeExpiredCopies(now: Date = .now) throws(GalleryError) {
    guard options.access != .readOnly else { throw GalleryError.notWritable }
    try perform { _ in RemovalCopies(gallery: url).removeExpired(now: now) }
  }

  /// Brings back, in one step, everybody who was removed by ``removeAllPeople(purge:)``, with faces, thumbnails, tags and
  /// numbers; the copy that they come from is deleted.
  ///
  /// Who was added since stays. A person whose name somebody else has got meanwhile gives that person the faces. A face that
  /// has been added again since, as anybody's, is skipped, and so is a person who has no other. Who was removed since, or a
  /// namesake, does not come back.
  ///
  /// - Parameter name: Which copy is meant; nil is the latest.
  /// - Returns: How many people and faces came back, and how many faces were skipped.
  /// - Throws: ``GalleryError``: `nothingToUndo` when there is no such copy, `damaged` when it is not what was written,
  ///   `engineMismatch` when the gallery has another engine's embeddings by now, `diskFull`, …. Then nobody is back and the copy
  ///   is kept.
  /// - Complexity: O(*n* log *n*) for *n* faces, and the reading of the copy to its end before. The index is made anew.
  @discardableResult
  public func undoRemoval(
    _ name: String? = nil
  ) throws(GalleryError) -> (people: Int, faces: Int, skipped: Int) {
    try perform { session in
      let copies = RemovalCopies(gallery: url)
      let all = copies.all(of: try session.store.read { try $0.keptCopies() })
      let nothing = GalleryError(
        .nothingToUndo,
        name.map { "No copy “\($0)” of removed people is kept." }
          ?? "No copy of removed people is kept: they stay for a day, and not when the removal was to purge.")
      guard let copy = name == nil ? all.last : all.first(where: { $0.name == name }) else { throw nothing }
      let returned = try session.store.takeBack(from: copies.url(of: copy.name), named: copy.name) {
        removals in
        try copies.carryOut(removals, in: copy.name)
      }
      guard let returned else { throw nothing }
      session.saver.didBeginAnew()
      // They are back, whether or not the copy can be deleted; the next change of the gallery does it.
      copies.remove(copy.name)
      return returned
    }
  }

  /// Removes people or faces in one step, from the copies that are kept of earlier removals as well, so that no undo brings them
  /// back.
  ///
  /// - Parameters:
  ///   - people: Who is removed by `body`.
  ///   - faces: What is removed by it besides.
  func removing<Result>(
    people: (borrowing Writer) throws -> [PersonID] = { _ in [] },
    faces: (borrowing Writer) throws -> [FaceID] = { _ in [] }, _ body: (borrowing Writer) throws -> Result
  ) throws(GalleryError) -> Result {
    try perform { session in
      let copies = RemovalCopies(gallery: url)
      var kept = KeptCopies()
      let result = try session.store.write { writer in
        kept = session.settle(copies, try writer.keptCopies())
        if kept.names.isEmpty { return try body(writer) }
        let trace = try writer.trace(people: people(writer), faces: faces(writer))
        let result = try body(writer)
        kept.removals.append(try copies.note(trace, in: kept))
        try writer.setKeptCopies(kept)
        return result
      }
      session.saver.didCommit()
      for problem in copies.carryOut(kept) { session.warn(problem) }
      return result
    }
  }
}

extension Session {
  /// Brings the kept copies in line with what the store notes; see ``RemovalCopies/settle(_:)``.
  func settle(_ copies: RemovalCopies, _ kept: KeptCopies) -> KeptCopies {
    let (kept, problems) = copies.settle(kept)
    for problem in problems { warn(problem) }
    return kept
  }

  /// Does what earlier changes of whatever process have left undone, as far as that is possible.
  func settle(_ copies: RemovalCopies, _ writer: borrowing Writer) throws {
    guard !copies.isEmpty, let kept = try? writer.keptCopies() else { return }
    let settled = settle(copies, kept)
    if settled != kept { try writer.setKeptCopies(settled) }
  }
}
