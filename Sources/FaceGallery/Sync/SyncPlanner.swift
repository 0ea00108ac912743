internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// Compares photos in folders with the faces of a gallery.
///
/// All is told from what face records have, their paths and digests, and from the names that people had before. A face belongs to the
/// folders when its path lies in them. A path at which there is no file any more, while the same picture is found elsewhere, has moved. Where a
/// photo lies as before and its face is somebody else's than the folder says, the gallery is right: somebody was corrected there.
struct SyncPlanner {
  private struct KnownFace {
    let id: FaceID
    let person: PersonID
    let path: String
    /// The path by which it is found.
    let place: PathBytes
  }

  private var plan: SyncPlan
  private let folders: GivenFolders
  private let hidden: [PathBytes]
  private let rule: NameFromPath
  private let context: UInt32

  private var byDigest: [PhotoDigest: [KnownFace]] = [:]
  private var faceCounts: [PersonID: Int] = [:]
  private var names: [PersonID: String] = [:]
  private var people: [NameKey: PersonID] = [:]
  private let formerNames: FormerNames
  /// Whom folders mean whose names nobody has.
  private var meanings: [NameKey: PersonID] = [:]
  /// The paths of photos outside of the folders by digest, once that was asked for.
  private var copies: [PhotoDigest: [String]]?
  /// Whether folders are unreachable, as far as that was looked at.
  private var unreachable: [PathBytes: Bool] = [:]
  /// Places in `plan.files` by path.
  private var places: [PathBytes: Int] = [:]

  init(_ plan: SyncPlan, folders: [String], context: UInt32, _ snapshot: borrowing Snapshot) throws {
    self.plan = plan
    self.folders = GivenFolders(folders)
    self.context = context
    hidden = plan.omissions.filter { $0.kind == .unreadable }.map { PathBytes($0.path) }
    rule = NameFromPath(takesAny: plan.options.enrolment.takesAnyName)
    formerNames = try snapshot.formerNames()
    for (place, file) in plan.files.enumerated() { places[PathBytes(file.path)] = place }
    for person in try snapshot.people() {
      names[person.id] = person.name
      // Of several whose names are alike the oldest is meant, as everywhere.
      let key = NameKey(of: person.name)
      people[key] = min(people[key] ?? person.id, person.id)
    }
    try snapshot.forEachFace { id, record in
      faceCounts[record.person, default: 0] += 1
      if let digest = record.photo {
        let path = record.path.map(Self.absolute) ?? ""
        let face = KnownFace(id: id, person: record.person, path: path, place: PathBytes(path))
        byDigest[digest, default: []].append(face)
        noteMeaning(of: face)
      }
      return true
    }
  }

  /// Works out what has to be done.
  consuming func planned() -> SyncPlan {
    findMoves()
    addPhotos()
    return plan
  }

  // MARK: Names

  /// After `rename Powell "Colin Powell"` the folder Powell means Colin Powell, while some of his faces have their photos in it.
  private mutating func noteMeaning(of face: KnownFace) {
    guard let name = places[face.place].flatMap({ plan.files[$0].name }) else { return }
    let key = NameKey(of: name)
    if people[key] == nil, formerNames.person(key) == face.person { meanings[key] = face.person }
  }

  /// Who is called so or, when nobody is, whom the folder of that name means.
  private func person(meantBy name: String) -> PersonID? {
    let key = NameKey(of: name)
    return people[key] ?? meanings[key]
  }

  /// Who was meant by the path of a face whose photo is not there any more.
  private func person(meantBefore name: NameKey) -> PersonID? { people[name] ?? formerNames.person(name) }

  /// Who may have been meant by a path at which no photo is any more. Below a folder that is given it is told as ``DatasetFolder`` tells
  /// it; elsewhere nobody knows which folder was.
  private func names(ofOldPath path: String) -> [NameKey] {
    let parts = path.split(separator: "/").map(String.init)
    guard let file = parts.last else { return [] }
    let given = folders.holding(PathBytes(path))
    let names =
      given.isEmpty
      ? [rule.person(in: parts.dropLast()), rule.person(ofFile: file)].compactMap { $0 }
      : given.flatMap { folder in
        rule.people(
          ofFile: file, in: parts.dropFirst(folder.depth).dropLast(), below: folder.name)
      }
    return names.map { NameKey(of: $0) }
  }

  // MARK: What moved

  private enum Fate {
    /// The faces of a file that is where it was.
    case inPlace
    /// A file that has become that of some faces.
    case moved
    /// One more file with a picture whose faces are elsewhere.
    case copy
  }

  private var fates: [Int: Fate] = [:]
  /// Faces whose path has no file with their picture, and that have not been found elsewhere, by path.
  private var lost: [PathBytes: [KnownFace]] = [:]

  private mutating func findMoves() {
    var files: [PhotoDigest: [Int]] = [:]
    for (place, file) in plan.files.enumerated() {
      guard let digests = file.known?.digests else { continue }
      files[digests.picture, default: []].append(place)
      if let whole = digests.file { files[whole, default: []].append(place) }
    }
    // A photo may have faces that were added by an earlier version, and others.
    for digests in plan.files.compactMap(\.known?.digests) {
      if let whole = digests.file, let faces = byDigest.removeValue(forKey: whole) {
        byDigest[digests.picture, default: []] += faces
      }
    }
    var moved: [(place: Int, faces: [KnownFace])] = []
    for digest in byDigest.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      guard let faces = byDigest[digest] else { continue }
      let candidates = files[digest] ?? []
      var homeless: [PathBytes: [KnownFace]] = [:]
      for face in faces {
        if let place = places[face.place], candidates.contains(place) {
          fates[place] = .inPlace
        } else {
          homeless[face.place, default: []].append(face)
        }
      }
      for faces in homeless.values.sorted(by: { $0[0].id < $1[0].id }) {
        let (path, place) = (faces[0].path, faces[0].place)
        // A file that is there, outside the folders or passed over in them, is left to be.
        if places[place] == nil, path.hasPrefix("/"), InputFile.isThere(path) { continue }
        if let best = newPlace(of: faces, among: candidates.filter { fates[$0] == nil }) {
          fates[best] = .moved
          moved.append((best, faces))
        } else if isInFolders(place), !hidden.contains(where: { $0.holds(place) }) {
          if let copy = copyElsewhere(of: digest) {
            plan.moves += byPerson(faces).map { person, own in
              SyncPlan.Move(path: copy, from: path, faces: own.map(\.id), person: person, name: nil)
            }
          } else {
            lost[place, default: []] += faces
          }
        }
      }
      // Faces without a name get one when their photo is added.
      if faces.contains(where: { $0.person != .unnamed }) {
        for place in candidates where fates[place] == nil { fates[place] = .copy }
      }
    }
    assign(moved.sorted { $0.place < $1.place })
  }

  /// The file that faces' photo has become: rather one of the same person, or of the same name.
  private func newPlace(of faces: [KnownFace], among free: [Int]) -> Int? {
    let own = Set(faces.map(\.person))
    let name = (faces[0].path as NSString).lastPathComponent
    return free.first { plan.files[$0].name.flatMap(person(meantBy:)).map(own.contains) ?? false }
      ?? free.first { (plan.files[$0].path as NSString).lastPathComponent == name } ?? free.first
  }

  /// Another folder's photo with a picture, by what an earlier run found there, if it is still as it was then.
  private mutating func copyElsewhere(of digest: PhotoDigest) -> String? {
    if copies == nil {
      var found: [PhotoDigest: [String]] = [:]
      for (path, entry) in plan.cache.entries.values where places[PathBytes(path)] == nil {
        for digest in [entry.digests.picture, entry.digests.file].compactMap({ $0 }) {
          found[digest, default: []].append(path)
        }
      }
      copies = found
    }
    return copies?[digest]?.sorted().first {
      InputFile.status(of: $0) == plan.cache.entries[PathBytes($0)]?.entry.status
    }
  }

  private func byPerson(_ faces: [KnownFace]) -> [(PersonID, [KnownFace])] {
    Dictionary(grouping: faces, by: \.person).sorted { $0.key < $1.key }
      .map { ($0.key, $0.value.sorted { $0.id < $1.id }) }
  }

  /// Decides whose the faces of moved photos become: those of the person whom the old path meant go along, all others were given
  /// to somebody in the gallery, and stay.
  private mutating func assign(_ moved: [(place: Int, faces: [KnownFace])]) {
    /// For which name a face leaves the person whose it is; nil when it stays.
    func target(_ face: KnownFace, _ place: Int, _ meant: [NameKey]) -> String? {
      guard let name = plan.files[place].name, (try? PersonName(name)) != nil, face.person != .unnamed,
        meant.contains(where: { $0 != NameKey(of: name) && person(meantBefore: $0) == face.person })
      else { return nil }
      return name
    }
    let targets = moved.map { place, faces in
      let meant = names(ofOldPath: faces[0].path)
      return faces.map { target($0, place, meant) }
    }
    var leaving: [PersonID: [NameKey: (name: String, count: Int)]] = [:]
    for ((_, faces), targets) in zip(moved, targets) {
      for (face, target) in zip(faces, targets) {
        guard let name = target else { continue }
        leaving[face.person, default: [:]][NameKey(of: name), default: (name, 0)].count += 1
      }
    }
    // All of somebody's faces have moved to one new name: the person has got it, with number and tags.
    var renamed: Set<PersonID> = []
    for (person, names) in leaving.sorted(by: { $0.key < $1.key }) {
      guard names.count == 1, let (key, (name, count)) = names.first, count == faceCounts[person],
        self.person(meantBy: name) == nil, let old = self.names[person],
        let checked = try? PersonName(name)
      else { continue }
      people[NameKey(of: old)] = nil
      people[key] = person
      self.names[person] = checked.text
      renamed.insert(person)
      plan.renamings.append(SyncPlan.Renaming(person: person, from: old, to: checked.text))
    }
    for ((place, faces), targets) in zip(moved, targets) {
      let names = Dictionary(uniqueKeysWithValues: zip(faces.map(\.id), targets))
      for (person, own) in byPerson(faces) {
        var name = names[own[0].id] ?? nil
        if let given = name {
          let target = self.person(meantBy: given)
          name =
            renamed.contains(person) || target == person ? nil : target.flatMap { self.names[$0] } ?? given
        }
        plan.moves.append(
          SyncPlan.Move(
            path: plan.files[place].path, from: own[0].path, faces: own.map(\.id), person: person, name: name)
        )
      }
    }
  }

  // MARK: What is new

  private mutating func addPhotos() {
    // Of several files with a new picture of one person the first is added.
    var added: Set<[UInt8]> = []
    for (place, file) in plan.files.enumerated() {
      let isNameless = file.name != nil && hasOnlyNameless(file)
      switch fates[place] {
      case .inPlace where !isNameless, .copy where isOfPerson(file):
        plan.unchanged += 1
        continue
      case .moved where !isNameless: continue
      default: break
      }
      let path = PathBytes(file.path)
      if let refusal = file.known?.refusal, refusal.context == context, !plan.options.retries {
        plan.refused.append(
          SyncPlan.Refused(path: file.path, kind: refusal.kind, reason: refusal.sentence))
        // That the file is damaged now does not mean that the photo is gone.
        if Refusal.kindsBesidePicture.contains(refusal.kind) { lost[path] = nil }
        continue
      }
      let before = lost.removeValue(forKey: path) ?? []
      let owners = Set(before.map(\.person)).subtracting([.unnamed])
      // Who was on the photo that it replaces, the gallery knows better than the folder.
      let name =
        owners.count == 1
        ? owners.first.flatMap { names[$0] }
        : file.name.map { name in person(meantBy: name).flatMap { names[$0] } ?? name }
      if before.isEmpty, let name, let digest = file.known?.digests.picture,
        !added.insert(digest.bytes + NameKey(of: name).bytes).inserted
      {
        plan.unchanged += 1
        continue
      }
      plan.additions.append(
        SyncPlan.Addition(path: file.path, name: name, replaces: before.map(\.id).sorted()))
    }
    for faces in lost.values.sorted(by: { $0[0].path < $1[0].path }) {
      let path = faces[0].path
      plan.missing.append(
        SyncPlan.Missing(
          path: path, faces: faces.map(\.id).sorted(),
          names: Set(faces.compactMap { names[$0.person] }).sorted(),
          isUnreachable: places[faces[0].place] == nil && isUnreachable(path),
          replacedBy: places[faces[0].place].flatMap { plan.files[$0].known?.status }))
    }
  }

  private func faces(of file: SyncFile) -> [KnownFace] {
    guard let digests = file.known?.digests else { return [] }
    return (byDigest[digests.picture] ?? []) + (digests.file.flatMap { byDigest[$0] } ?? [])
  }

  private func hasOnlyNameless(_ file: SyncFile) -> Bool {
    let faces = faces(of: file)
    return !faces.isEmpty && faces.allSatisfy { $0.person == .unnamed }
  }

  /// Whether a face of a file's picture is that of the person of the file's path.
  private func isOfPerson(_ file: SyncFile) -> Bool {
    guard let name = file.name else { return true }
    guard let person = person(meantBy: name) else { return false }
    return faces(of: file).contains { $0.person == person }
  }

  // MARK: Paths

  private func isInFolders(_ path: PathBytes) -> Bool { !folders.holding(path).isEmpty }

  /// Whether a folder above a photo that is not there leads nowhere, or is empty though the photo lay in a folder in it: as when its disk is
  /// not mounted.
  private mutating func isUnreachable(_ path: String) -> Bool {
    let folder = Folder.of(path)
    if let known = unreachable[PathBytes(folder)] { return known }
    let found = isUnreachable(below: folder)
    unreachable[PathBytes(folder)] = found
    return found
  }

  private func isUnreachable(below own: String) -> Bool {
    var folder = own
    var isOwn = true
    while !folders.contains(PathBytes(folder)), folder != "/" {
      if InputFile.isThere(folder) {
        guard (try? InputFile.kind(of: folder)) == .folder, let names = try? Folder.names(in: folder) else {
          return true
        }
        return names.valid.isEmpty && names.invalid.isEmpty && (!isOwn || InputFile.isLink(folder))
      }
      isOwn = false
      folder = Folder.of(folder)
    }
    return false
  }

  /// A path without `.`, `..` and doubled slashes; one that is not absolute stays as it is.
  static func absolute(_ path: String) -> String {
    guard path.hasPrefix("/"), path.contains("//") || path.contains("/.") else { return path }
    return URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
  }
}
