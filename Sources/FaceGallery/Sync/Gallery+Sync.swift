internal import FaceEngine
public import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

extension Gallery {
  /// A gallery of nobody that is kept nowhere, to plan with where there is none yet.
  package static func empty(
    at url: URL, engine: any EmbeddingEngine, options: GalleryOptions = GalleryOptions()
  ) throws(GalleryError) -> Gallery {
    try GalleryError.wrapping { try Gallery(of: Stores.empty(), at: url, engine: engine, options: options) }
  }

  /// Compares folders of photos with the gallery: what is new there, changed, moved or gone. Nothing is changed.
  ///
  /// A photo is its picture: where programs have written remarks into the file, it is the same. Who is on a photo, its path says, as
  /// for ``fitDataset(at:options:progress:)``. Files that have the size, the time and the inode that they had at the last run are not read.
  ///
  /// - Parameters:
  ///   - folders: Folders of photos, each like one that is given to `fitDataset`.
  ///   - options: How photos are enrolled, and what becomes of faces whose photos are gone.
  ///   - progress: Called on the calling thread with the number of files read and of all that have to be read.
  /// - Throws: ``GalleryError``: `invalidArgument` for a folder that cannot be read, or that has no photos at all while faces of the
  ///   gallery have theirs in it and are to be pruned, as when a disk is not mounted; `engineNeeded`, …
  /// - Complexity: O(*p* log *p* + *n*) for *p* photos and *n* faces; reading a new or changed file once more than adding it does.
  public func syncPlan(
    for folders: [URL], options: SyncOptions = SyncOptions(), progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> SyncPlan {
    let context = try refusalContext(of: options.enrolment)
    var photos: [NamedPhoto] = []
    var omissions: [Omission] = []
    let folders = folders.map(\.absoluteURL.standardizedFileURL)
    for folder in folders {
      let found = try DatasetFolder(syncing: folder, anyName: options.enrolment.takesAnyName)
      photos += found.photos
      omissions += found.omissions
    }
    let cache = PhotoCache(in: folder)
    let files = Self.files(photos, cache, progress: progress)
    let paths = folders.map { folder in
      var path = folder.path(percentEncoded: false)
      while path.hasSuffix("/") { path.removeLast() }
      return path
    }
    let plan = try read { snapshot in
      try SyncPlanner(
        SyncPlan(files, omissions: omissions, cache: cache, options: options), folders: paths,
        context: context, snapshot
      ).planned()
    }
    // A disk that is not mounted leaves an empty folder.
    var filled: Set<PathBytes> = []
    for file in files {
      var folder = PathBytes(file.path).above
      while let place = folder, filled.insert(place).inserted { folder = place.above }
    }
    for path in paths where options.prune && !filled.contains(PathBytes(path)) {
      let count = plan.missing.count { PathBytes(path).holds(PathBytes($0.path)) }
      guard count == 0 else {
        throw GalleryError(
          .invalidArgument,
          "\(path) holds no photos at all, and \(count) of the gallery lay in it: nothing is pruned. Is its disk there?"
        )
      }
    }
    return plan
  }

  /// Does what a plan says: moves, additions and, with ``SyncOptions/prune``, removals, in this order.
  ///
  /// Moves are one change, removals are another; photos are added as by ``add(_:options:progress:)``, and the faces that one
  /// replaces go in the change that adds its own. An interrupted run is resumed by planning anew.
  ///
  /// - Parameters:
  ///   - plan: What ``syncPlan(for:options:progress:)`` gave a moment ago. What has changed meanwhile stays right: a face that is gone or
  ///     somebody else's by now, and a photo that is there again, are passed over.
  ///   - progress: Called as for ``fitDataset(at:options:progress:)``.
  /// - Throws: ``GalleryError`` when the gallery is in trouble; what was reported until then is on disk.
  public func sync(
    _ plan: SyncPlan, progress: ((FitProgress) -> Void)? = nil
  ) throws(GalleryError) -> SyncReport {
    let (doubtful, emptied) = try move(plan)
    var removedPeople = emptied
    let files = Dictionary(plan.files.map { (PathBytes($0.path), $0) }) { first, _ in first }
    let additions = plan.additions.compactMap { addition -> NamedPhoto? in
      guard let file = files[PathBytes(addition.path)] else { return nil }
      // Of a photo that takes the place of another the gallery knows who is on it, whatever its path says.
      var photo =
        addition.replaces.isEmpty
        ? NamedPhoto(file.url, name: addition.name) : NamedPhoto(.file(file.url), name: addition.name)
      photo.replaces = addition.replaces
      return photo
    }
    let context = try refusalContext(of: plan.options.enrolment)
    var cache = plan.cache
    for file in plan.files { cache.note(file.known, of: file.path) }
    var reports: [PhotoReport] = []
    var warning: String?
    do throws(GalleryError) {
      _ = try add(additions, options: plan.options.enrolment) { latest in
        for report in latest.latest {
          guard let path = report.photo, var known = files[PathBytes(path)]?.known else { continue }
          if case .refused(let refusal) = report.outcome, refusal.isLasting {
            known.refusal = PhotoCache.KnownRefusal(
              context: context, kind: refusal.kind, sentence: refusal.description)
          } else {
            known.refusal = nil
          }
          cache.note(known, of: path)
        }
        reports += latest.latest
        progress?(latest)
      }
    } catch {
      // What was found out is kept also when the run ends here.
      try? cache.save()
      throw error
    }
    do throws(SystemError) {
      try cache.save()
    } catch {
      warning =
        "What was found out about the photos could not be noted, so the next run reads them again: \(error)"
    }
    var removedFaces = reports.reduce(0) { $0 + $1.replaced }
    let pruned = plan.options.prune ? plan.missing.filter(Self.isGone) : []
    if plan.options.prune {
      let faces = Set(pruned.flatMap(\.faces) + Self.replaced(plan, reports))
      let removed = try prune(faces.sorted())
      removedFaces += removed.faces
      removedPeople += removed.people
    }
    return SyncReport(
      plan: plan, doubtfulMoves: doubtful, photos: reports, pruned: pruned, removedFaces: removedFaces,
      removedPeople: removedPeople, warning: warning)
  }

  /// Renames people and notes where photos are, and whose their faces are.
  ///
  /// - Returns: What is doubtful, and how many people were left without a face and removed.
  private func move(_ plan: SyncPlan) throws(GalleryError) -> (
    doubtful: [SyncReport.DoubtfulMove], people: Int
  ) {
    guard !plan.moves.isEmpty || !plan.renamings.isEmpty else { return ([], 0) }
    let doubts = try doubts(about: plan.moves)
    return try write { writer in
      for renaming in plan.renamings {
        // Both may have changed since the plan was made; then the gallery is right.
        guard try writer.personRecord(renaming.person)?.name == renaming.from else { continue }
        let name = try PersonName(renaming.to)
        if try writer.person(named: name) == nil { try writer.rename(renaming.person, to: name) }
      }
      var doubtful: [SyncReport.DoubtfulMove] = []
      var left: Set<PersonID> = []
      for move in plan.moves {
        for face in move.faces {
          guard let record = try writer.faceRecord(face) else { continue }
          try writer.setPath(move.path, of: face)
          guard let text = move.name, record.person == move.person, record.person != .unnamed else {
            continue
          }
          let name = try PersonName(text)
          let known = try writer.person(named: name)
          if let doubt = doubts[face] {
            doubtful.append(SyncReport.DoubtfulMove(move: move, doubt: doubt))
            if plan.options.enrolment.refusesDoubtful { continue }
          }
          let target = try known ?? writer.insert(name)
          guard target != record.person else { continue }
          try writer.move(face, to: target)
          left.insert(record.person)
        }
      }
      return (doubtful, try writer.removeFaceless(left))
    }
  }

  /// Whether a photo is gone for good: one that has come back since the plan was made is not.
  private static func isGone(_ missing: SyncPlan.Missing) -> Bool {
    guard !missing.isUnreachable else { return false }
    guard let status = missing.replacedBy else { return !InputFile.isThere(missing.path) }
    return InputFile.status(of: missing.path) == status
  }

  /// The faces of what was replaced by photos that cannot be used.
  private static func replaced(_ plan: SyncPlan, _ reports: [PhotoReport]) -> [FaceID] {
    zip(plan.additions, reports).flatMap { addition, report -> [FaceID] in
      guard case .refused(let refusal) = report.outcome, refusal.isLasting,
        !Refusal.kindsBesidePicture.contains(refusal.kind)
      else { return [] }
      return addition.replaces
    }
  }

  private func prune(_ faces: [FaceID]) throws(GalleryError) -> (faces: Int, people: Int) {
    guard !faces.isEmpty else { return (0, 0) }
    return try write { writer in
      try writer.forgetRemoved(like: faces)
      var people: Set<PersonID> = []
      var count = 0
      for face in faces {
        guard let record = try writer.faceRecord(face) else { continue }
        try writer.remove(face)
        people.insert(record.person)
        count += 1
      }
      return (count, try writer.removeFaceless(people))
    }
  }

  /// What decides whether a photo that was refused would be again.
  private func refusalContext(of options: EnrolmentOptions) throws(GalleryError) -> UInt32 {
    let text =
      "\(try requireEngine().fingerprint.digest) \(options.detection) \(options.severalFaces) \(options.quality) "
      + "\(options.allowsDamaged) \(options.takesAnyName) \(self.options.decoder) \(ImagingLibraries.versions)"
    return SHA256.digest(of: text.utf8).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The photos with what is known of them; those that have changed are read, by all cores.
  private static func files(
    _ photos: [NamedPhoto], _ cache: PhotoCache, progress: ((Int, Int) -> Void)?
  ) -> [SyncFile] {
    var seen: Set<PathBytes> = []
    var files: [SyncFile] = []
    var unread: [(place: Int, status: InputFile.Status)] = []
    for photo in photos {
      guard case .file(let url) = photo.photo else { continue }
      let path = url.path(percentEncoded: false)
      // Folders may lie in each other.
      guard seen.insert(PathBytes(path)).inserted else { continue }
      let status = InputFile.status(of: path)
      let known = status.flatMap { cache.entry(path, $0) }
      if known == nil, let status { unread.append((files.count, status)) }
      files.append(SyncFile(url: url, path: path, name: photo.name, known: known))
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let (places, found) = (unread, files)
    let pipeline = OrderedPipeline(count: unread.count, window: 8 * cores) { index in
      try? LoadedPhoto(.file(found[places[index].place].url)).digests
    }
    var done = 0
    pipeline.run(threads: cores, maximumBatch: 64) { results in
      for digests in results {
        let (place, status) = unread[done]
        let file = files[place]
        let known = digests.map { PhotoCache.Entry(status: status, digests: $0) }
        files[place] = SyncFile(url: file.url, path: file.path, name: file.name, known: known)
        done += 1
      }
      progress?(done, unread.count)
    }
    return files
  }
}

extension StoreWriter where Self: ~Copyable {
  /// Removes those people who have no face, and nothing else is known of them; says how many.
  fileprivate func removeFaceless(_ people: Set<PersonID>) throws -> Int {
    var count = 0
    for person in people.sorted() where person != .unnamed {
      guard try faceCount(of: person) == 0, try contains(person), try tags(of: .person(person)).isEmpty else {
        continue
      }
      try removeEmptied(person)
      count += 1
    }
    return count
  }
}
