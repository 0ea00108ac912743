internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// Compares photos in folders with the faces of a gallery.
///
/// All is told from the paths and digests that face records have; nothing else has to be kept. A face belongs to the folders when
/// its path lies in them. A path at which there is no file any more, while the same picture is found elsewhere, has moved. Where a photo lies
/// as before and its face is somebody else's than the folder says, the gallery is right: somebody was renamed, merged or corrected there.
struct SyncPlanner {
  private struct KnownFace {
    let id: FaceID
    let person: PersonID
    let path: String
  }

  /// The folders, without a slash at their ends.
  private let folders: [String]
  private var plan: SyncPlan
  private let rule: NameFromPath
  private let circumstances: UInt32

  private var byDigest: [PhotoDigest: [KnownFace]] = [:]
  private var faceCounts: [PersonID: Int] = [:]
  private var names: [PersonID: String] = [:]
  private var people: [NameKey: PersonID] = [:]
  /// Whom folders mean whose names nobody has.
  private var meanings: [NameKey: PersonID] = [:]
  /// Places in `plan.files` by path.
  private var places: [String: Int] = [:]

  init(_ plan: SyncPlan, folders: [String], circumstances: UInt32, _ snapshot: borrowing Snapshot) throws {
    self.plan = plan
    self.folders = folders
    self.circumstances = circumstances
    rule = NameFromPath(takesAny: plan.options.enrolment.takesAnyName)
    for (place, file) in plan.files.enumerated() { places[file.path] = place }
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
        byDigest[digest, default: []].append(KnownFace(id: id, person: record.person, path: path))
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
  private var lost: [String: [KnownFace]] = [:]

  private mutating func findMoves() {
    // A file in which nobody has been found has no faces.
    var files: [PhotoDigest: [Int]] = [:]
    for (place, file) in plan.files.enumerated() {
      guard let digests = file.known?.digests else { continue }
      files[digests.picture, default: []].append(place)
      if let whole = digests.file { files[whole, default: []].append(place) }
    }
    var moved: [(place: Int, faces: [KnownFace])] = []
    for digest in byDigest.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      guard let faces = byDigest[digest] else { continue }
      let candidates = files[digest] ?? []
      var homeless: [String: [KnownFace]] = [:]
      for face in faces {
        if let place = places[face.path], candidates.contains(place) {
          fates[place] = .inPlace
        } else {
          homeless[face.path, default: []].append(face)
        }
      }
      for (path, faces) in homeless.sorted(by: { $0.key < $1.key }) {
        // A file that is there and shows the same somewhere else, outside the folders, is left to be.
        if places[path] == nil, path.hasPrefix("/"), InputFile.isThere(path) { continue }
        let free = candidates.filter { fates[$0] == nil }
        let own = Set(faces.map(\.person))
        let best =
          free.first { plan.files[$0].name.flatMap { people[NameKey(of: $0)] }.map(own.contains) ?? false }
          ?? free.first {
            (plan.files[$0].path as NSString).lastPathComponent == (path as NSString).lastPathComponent
          }
          ?? free.first
        if let best {
          fates[best] = .moved
          moved.append((best, faces))
        } else if isInFolders(path), !isHidden(path) {
          lost[path, default: []] += faces
        }
      }
      for place in candidates where fates[place] == nil {
        // Faces without a name get one when their photo is added.
        if faces.contains(where: { $0.person != .unnamed }) { fates[place] = .copy }
      }
    }
    findMeanings()
    assign(moved.sorted { $0.place < $1.place })
  }

  /// Decides whose the faces of moved photos become.
  private mutating func assign(_ moved: [(place: Int, faces: [KnownFace])]) {
    var leaving: [PersonID: [String: Int]] = [:]
    for (place, faces) in moved {
      let file = plan.files[place]
      guard let name = file.name, changesName(from: faces[0].path, to: file) else { continue }
      for face in faces { leaving[face.person, default: [:]][name, default: 0] += 1 }
    }
    // All of somebody's faces have moved to one new name: the person has got it, with number and tags.
    var renamed: [PersonID: String] = [:]
    for (person, targets) in leaving.sorted(by: { $0.key < $1.key }) where person != .unnamed {
      guard targets.count == 1, let (name, count) = targets.first, count == faceCounts[person],
        self.person(meantBy: name) == nil, let old = names[person], NameKey(of: old) != NameKey(of: name),
        let checked = try? PersonName(name)
      else { continue }
      people[NameKey(of: old)] = nil
      people[NameKey(of: name)] = person
      names[person] = checked.text
      renamed[person] = name
      plan.renamings.append(SyncPlan.Renaming(person: person, from: old, to: checked.text))
    }
    for (place, faces) in moved {
      let file = plan.files[place]
      for (person, own) in Dictionary(grouping: faces, by: \.person).sorted(by: { $0.key < $1.key }) {
        var name = file.name
        if person == .unnamed || renamed[person] != nil || !changesName(from: own[0].path, to: file) {
          name = nil
        }
        if let given = name {
          let target = self.person(meantBy: given)
          name =
            target == person || (try? PersonName(given)) == nil ? nil : target.flatMap { names[$0] } ?? given
        }
        plan.moves.append(
          SyncPlan.Move(path: file.path, from: own[0].path, faces: own.map(\.id).sorted(), name: name))
      }
    }
  }

  /// Whether a photo lay in the folder of somebody else, or was called so.
  private func changesName(from path: String, to file: SyncFile) -> Bool {
    guard !path.isEmpty else { return false }
    func name(_ path: String) -> NameKey? {
      let parts = path.split(separator: "/").map(String.init)
      guard let last = parts.last else { return nil }
      let name = rule.isOfDataSet(last) ? rule.person(ofFile: last) : rule.person(in: parts.dropLast())
      return (name ?? rule.person(ofFile: last)).map { NameKey(of: $0) }
    }
    return name(path) != name(file.path)
  }

  // MARK: What is new

  private mutating func addPhotos() {
    for (place, file) in plan.files.enumerated() {
      switch fates[place] {
      case .inPlace:
        plan.unchanged += 1
        continue
      case .moved: continue
      case .copy where isOfPerson(file):
        plan.unchanged += 1
        continue
      default: break
      }
      if let refusal = file.known?.refusal, refusal.circumstances == circumstances, !plan.options.retries {
        plan.refused.append(
          SyncPlan.Refused(path: file.path, kind: refusal.kind, reason: refusal.sentence))
        // That the file is damaged now does not mean that the photo is gone.
        if Refusal.kindsOfDamage.contains(refusal.kind) { lost[file.path] = nil }
        continue
      }
      let before = lost[file.path] ?? []
      let owners = Set(before.map(\.person)).subtracting([.unnamed])
      // Who was on the photo that it replaces, the gallery knows better than the folder.
      let name =
        owners.count == 1
        ? owners.first.flatMap { names[$0] }
        : file.name.map { name in person(meantBy: name).flatMap { names[$0] } ?? name }
      if !before.isEmpty { lost[file.path] = nil }
      plan.additions.append(
        SyncPlan.Addition(path: file.path, name: name, replaces: before.map(\.id).sorted()))
    }
    for (path, faces) in lost.sorted(by: { $0.key < $1.key }) {
      let owners = Set(faces.compactMap { names[$0.person] }).sorted()
      plan.missing.append(SyncPlan.Missing(path: path, faces: faces.map(\.id).sorted(), names: owners))
    }
  }

  /// Whom names of folders mean that nobody has: those to whom most of the faces in them belong. After `rename Powell "Colin Powell"`
  /// the folder Powell means Colin Powell.
  private mutating func findMeanings() {
    var votes: [NameKey: [PersonID: Int]] = [:]
    for (digest, faces) in byDigest {
      for face in faces where face.person != .unnamed {
        guard let place = places[face.path], fates[place] == .inPlace, let name = plan.files[place].name,
          plan.files[place].known?.digests.contains(digest) == true
        else { continue }
        votes[NameKey(of: name), default: [:]][face.person, default: 0] += 1
      }
    }
    for (key, people) in votes where self.people[key] == nil {
      meanings[key] = people.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
  }

  /// Who is called so or, when nobody is, whom the folder of that name means.
  private func person(meantBy name: String) -> PersonID? {
    let key = NameKey(of: name)
    return people[key] ?? meanings[key]
  }

  /// Whether a face of a file's picture is that of the person of the file's path.
  private func isOfPerson(_ file: SyncFile) -> Bool {
    guard let digests = file.known?.digests, let name = file.name else { return true }
    guard let person = person(meantBy: name) else { return false }
    let faces = (byDigest[digests.picture] ?? []) + (digests.file.flatMap { byDigest[$0] } ?? [])
    return faces.contains { $0.person == person }
  }

  // MARK: Paths

  private func isInFolders(_ path: String) -> Bool { folders.contains { path.hasPrefix($0 + "/") } }

  /// Whether a path lies where nothing could be looked at.
  private func isHidden(_ path: String) -> Bool {
    plan.omissions.contains {
      $0.kind == .unreadable && (path == $0.path || path.hasPrefix($0.path + "/"))
    }
  }

  /// A path without `.`, `..` and doubled slashes; one that is not absolute stays as it is.
  static func absolute(_ path: String) -> String {
    guard path.hasPrefix("/"), path.contains("//") || path.contains("/.") else { return path }
    return URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
  }
}
