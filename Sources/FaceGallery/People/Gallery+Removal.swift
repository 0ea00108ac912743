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
          // An earlier run of this that did not get through has made one.
          if let copy = kept { try copies.remove(copy.name) }
          kept = nil
          let people = try writer.personCount()
          let faces = try writer.faceCount() - writer.faceCount(of: .unnamed)
          if !purge, people + faces > 0 {
            kept = try copies.keep(session.files(), people: people, faces: faces)
          }
          return try writer.removeAllPeople()
        }
        session.saver.didBeginAnew()
        return removed
      } catch {
        // A copy of what is still there is of no use.
        let isThere = try? store.read { try $0.personCount() > 0 }
        if let kept, isThere == true { try? copies.remove(kept.name) }
        throw error
      }
    }
  }

  /// The copies of the gallery that were kept when everybody was removed, older ones first.
  public func removalCopies() throws(GalleryError) -> [RemovalCopy] {
    try perform { _ in RemovalCopies(gallery: url).all }
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
  /// that the person has again is not added twice.
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
      let all = copies.all
      guard let copy = name == nil ? all.last : all.first(where: { $0.name == name }) else {
        throw GalleryError(
          .nothingToUndo,
          name.map { "No copy “\($0)” of removed people is kept." }
            ?? "No copy of removed people is kept: they stay for a day, and not when the removal was to purge."
        )
      }
      let source = try LMDBStore(at: copies.url(of: copy.name), access: .readOnly)
      let returned = try session.files().takeBack(from: source)
      session.saver.didBeginAnew()
      // They are back, whether or not the copy can be deleted; it would be in a day.
      try? copies.remove(copy.name)
      return returned
    }
  }
}
