public import GalleryStore
internal import Support

extension Gallery {
  /// How many photos the next ``syncPlan(for:options:progress:)`` adds again when some faces are removed: those that lie in folders with
  /// which the gallery was brought in step, and show nobody else whom it knows by name. A gallery does not remember what was removed.
  ///
  /// - Parameter faces: The faces that are about to be removed; asked for only when any folder was looked at.
  /// - Returns: 0, too, when nothing is noted of the photos, as in a gallery that is kept in no folder of this machine.
  /// - Throws: ``GalleryError`` when the gallery cannot be read.
  /// - Complexity: O(*f* log *n*) for *f* faces, and a look at each photo's file.
  public func returningPhotos(of faces: () throws -> Set<FaceID>) throws(GalleryError) -> Int {
    let cache = PhotoCache(in: folder)
    guard !cache.entries.isEmpty else { return 0 }
    let faces = try GalleryError.wrapping { try faces() }
    let paths = try read { snapshot in
      var paths: Set<PathBytes> = []
      for face in faces {
        guard let record = try snapshot.faceRecord(face), let digest = record.photo,
          let path = record.path.map(SyncPlanner.absolute), let known = cache.entries[PathBytes(path)],
          InputFile.isThere(known.path)
        else { continue }
        let others = try snapshot.faces(in: digest).filter { !faces.contains($0) }
        if try others.allSatisfy({ try snapshot.faceRecord($0)?.person == .unnamed }) {
          paths.insert(PathBytes(path))
        }
      }
      return paths
    }
    return paths.count
  }
}
