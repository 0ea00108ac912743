public import Foundation
internal import GalleryStore

extension Gallery {
  /// Removes everybody with all faces in one step: others see all or nobody, and after a failure all are there. Faces
  /// without a name stay.
  ///
  /// Before, the gallery is copied into its folder `removed`, where the copy stays for a day: ``undoRemoval(_:)`` brings
  /// everybody back.
  ///
  /// - Parameter purge: Keeps no copy, and deletes those that are there.
  /// - Returns: How many people and faces there were.
  /// - Throws: ``GalleryError``, among them `diskFull` when there is no room for the copy: then nobody was removed.
  /// - Complexity: That of the pages that the gallery has, which are copied once; O(*n* log *n*) for *n* faces when there
  ///   are faces without a name. The index is made anew.
  @discardableResult
  public func removeAllPeople(purge: Bool = false) throws(GalleryError) -> (people: Int, faces: Int) {
    try perform { session in
      let store = session.store
      let copies = RemovalCopies(gallery: url)
      // Before, since after the commit a failure would look as if nobody had been removed.
      if purge, options.access != .readOnly { try copies.removeAll() }
      var kept: RemovalCopy?
      do {
        let removed = try store.write { writer in
          // Among them that of an earlier run of this that did not get through.
          let noted = purge ? [] : try writer.keptCopies()
          var names = try copies.removeStrays(noted)
          let people = try writer.personCount()
          let faces = try writer.faceCount() - writer.faceCount(of: .unnamed)
          if !purge, people + faces > 0 {
            let copy = try copies.keep(session.files(), people: people, faces: faces)
            kept = copy
            names.append(copy.name)
          }
          if purge || people + faces > 0 { try writer.setKeptCopies(names.sorted()) }
          return try writer.removeAllPeople()
        }
        session.saver.didBeginAnew()
        return removed
      } catch {
        // A copy of what is still there is of no use.
        let isNoted = try? store.read { [kept] in try $0.keptCopies().contains { $0 == kept?.name } }
        if let kept, isNoted == false { try? copies.remove(kept.name) }
        throw error
      }
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

  /// Brings back, in one step, everybody who was removed by ``removeAllPeople(purge:)``, with faces, pictures, tags and
  /// numbers; the copy that they come from is deleted.
  ///
  /// Who was added since stays. A person whose name somebody else has got meanwhile gives that person the faces; a face
  /// that the person has again is not added twice. Who was removed since, or a namesake, does not come back.
  ///
  /// - Parameter name: Which copy is meant; nil is the latest.
  /// - Returns: How many people and faces came back.
  /// - Throws: ``GalleryError``: `nothingToUndo` when there is no such copy, `engineMismatch` when the gallery has another
  ///   engine's embeddings by now, `diskFull`, ….
  /// - Complexity: O(*n* log *n*) for *n* faces. The index is made anew.
  @discardableResult
  public func undoRemoval(_ name: String? = nil) throws(GalleryError) -> (people: Int, faces: Int) {
    try perform { session in
      let copies = RemovalCopies(gallery: url)
      let all = copies.all(of: try session.store.read { try $0.keptCopies() })
      let nothing = GalleryError(
        .nothingToUndo,
        name.map { "No copy “\($0)” of removed people is kept." }
          ?? "No copy of removed people is kept: they stay for a day, and not when the removal was to purge.")
      guard let copy = name == nil ? all.last : all.first(where: { $0.name == name }) else { throw nothing }
      let place = copies.url(of: copy.name)
      guard let returned = try session.files().takeBack(from: place, named: copy.name) else { throw nothing }
      session.saver.didBeginAnew()
      // They are back, whether or not the copy can be deleted; it would be in a day.
      try? copies.remove(copy.name)
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
    try write { writer in
      let copies = RemovalCopies(gallery: url)
      let trace = copies.isEmpty ? nil : try writer.trace(people: people(writer), faces: faces(writer))
      let result = try body(writer)
      // Before the commit: whoever is told that somebody was removed can rely on it.
      if let trace { try copies.remove(trace, noted: writer.keptCopies()) }
      return result
    }
  }
}
