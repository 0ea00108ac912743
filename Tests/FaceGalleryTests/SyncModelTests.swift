import Foundation
import GalleryStore
import Support
import Testing

@testable import FaceGallery

/// A folder that is changed at random, and what a gallery must hold afterwards.
@Suite("A gallery in step with a folder that lives")
struct SyncModelTests {
  /// Runs of so many changes; `FACEGALLERY_SYNC_CHANGES=1000` for a long one.
  private static let changes =
    ProcessInfo.processInfo.environment["FACEGALLERY_SYNC_CHANGES"].flatMap(Int.init) ?? 200

  @Test(
    "nothing is lost or there twice, whatever is edited, moved, renamed and deleted",
    arguments: [1, 2] as [UInt64])
  func random(seed: UInt64) throws {
    var model = try Model(seed: seed)
    for step in 0..<Self.changes {
      let change = try model.change()
      try model.settle()
      let problem = try model.problem()
      #expect(problem == nil, "seed \(seed), step \(step): \(change)")
      if problem != nil { return }
      if step % 50 == 49 { try model.gallery.checkInvariants() }
    }
    #expect(try model.gallery.syncPlan(for: [model.photos.url], options: SyncOptions(prune: true)).isEmpty)
  }
}

/// Photos of people in folders, each person in one, and the gallery beside them.
private struct Model {
  let photos: PhotoFolder
  let gallery: Gallery
  private var random: SplitMix64

  /// A photo; each is a picture that no other is.
  private struct File {
    var person: Int
    /// Its face in the gallery, once it is there.
    var enrolled: FaceID?
  }

  private struct Person {
    var folder: String
    var name: String
    var number: PersonID?
  }

  private var files: [String: File] = [:]
  private var people: [Int: Person] = [:]
  private var pictures = 0
  private var names = 0

  init(seed: UInt64) throws {
    photos = try PhotoFolder()
    gallery = try photos.folder.openWithEngine()
    random = SplitMix64(seed)
  }

  private mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  private mutating func path(in folder: String) -> String {
    names += 1
    let date = number(below: 3) == 0 ? "2024-0\(1 + number(below: 9))/" : ""
    // Files may be named as data sets name theirs, after other people than their folder: the folder counts.
    let name = ["", "Ada_Lovelace_", "Joe_Biden_"][number(below: 3)]
    let digits = String(names)
    return "\(folder)/\(date)\(name)\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).png"
  }

  private mutating func write(_ path: String, person: Int) throws {
    pictures += 1
    // Pixels beside the face's own make every picture another one.
    let face = FakePhoto.Face(
      person: UInt8(1 + person % 250), face: UInt8(pictures % 256), size: UInt8(100 + pictures / 256))
    try photos.write(path, FakePhoto([face]))
    files[path] = File(person: person)
  }

  private mutating func newPerson() -> Int {
    names += 1
    let id = (people.keys.max() ?? 0) + 1
    people[id] = Person(folder: "Person \(names)x", name: "Person \(names)x")
    return id
  }

  /// Changes the folder or the gallery in one way, and says which.
  mutating func change() throws -> String {
    let paths = files.keys.sorted()
    guard paths.count > 3 else {
      let person = newPerson()
      for _ in 0...number(below: 3) {
        try write(path(in: people[person]?.folder ?? ""), person: person)
      }
      return "new person"
    }
    let path = paths[number(below: paths.count)]
    guard var file = files[path], let person = people[file.person] else { return "nothing" }
    switch number(below: paths.count > 60 ? 12 : 14) {
    case 0, 1:
      try write(path, person: file.person)
      return "edited \(path)"
    case 2, 3:
      try photos.writeRemark("rating \(number(below: 1_000))", into: path)
      return "remark in \(path)"
    case 4, 5:
      try photos.remove(path)
      files[path] = nil
      return "deleted \(path)"
    case 6:
      let target = self.path(in: person.folder)
      try photos.move(path, to: target)
      (files[path], files[target]) = (nil, file)
      return "moved \(path) to \(target)"
    case 7:
      let others = people.keys.sorted()
      let other = others[number(below: others.count)]
      let target = self.path(in: people[other]?.folder ?? "")
      try photos.move(path, to: target)
      file.person = other
      (files[path], files[target]) = (nil, file)
      return "moved \(path) to \(target)"
    case 8:
      names += 1
      let folder = "Renamed \(names)x"
      try photos.move(person.folder, to: folder)
      for (path, file) in files where path.hasPrefix(person.folder + "/") {
        files[path] = nil
        files[folder + path.dropFirst(person.folder.count)] = file
      }
      people[file.person] = Person(folder: folder, name: folder, number: person.number)
      return "renamed the folder \(person.folder) to \(folder)"
    case 9:
      guard let number = person.number else { return "nothing" }
      names += 1
      try gallery.rename(number, to: "Called \(names)x")
      people[file.person]?.name = "Called \(names)x"
      return "renamed \(person.name) in the gallery"
    case 10:
      names += 1
      let copy = "\(person.folder)/copy \(names).png"
      try FileManager.default.copyItem(at: photos.file(path), to: photos.file(copy))
      let report = try photos.sync(gallery)
      try photos.remove(copy)
      return "copied \(path) for a while: \(report.photos.count)"
    case 11:
      // A new folder for one photo.
      names += 1
      let folder = "Split \(names)x"
      let isLast = files.values.count { $0.person == file.person } == 1
      let target = self.path(in: folder)
      try photos.move(path, to: target)
      files[path] = nil
      if isLast {
        people[file.person] = Person(folder: folder, name: folder, number: person.number)
      } else {
        file.person = newPerson()
        people[file.person] = Person(folder: folder, name: folder)
      }
      files[target] = file
      return "moved \(path) to \(target)"
    case 12:
      let new = newPerson()
      try write(self.path(in: people[new]?.folder ?? ""), person: new)
      return "new person"
    default:
      let target = self.path(in: person.folder)
      try write(target, person: file.person)
      return "new photo \(target)"
    }
  }

  /// Brings the gallery in step, and learns the numbers of what is new.
  mutating func settle() throws {
    try photos.sync(gallery, SyncOptions(prune: true))
    let used = Set(files.values.map(\.person))
    people = people.filter { used.contains($0.key) }
    for (id, face) in try photos.faces(in: gallery) {
      guard let file = files[face.path] else { continue }
      if file.enrolled == nil { files[face.path]?.enrolled = id }
      if people[file.person]?.number == nil { people[file.person]?.number = face.person }
    }
  }

  /// What the gallery has otherwise than it must be; nil when all is right.
  func problem() throws -> String? {
    let faces = try photos.faces(in: gallery)
    guard faces.count == files.count else { return "\(faces.count) faces of \(files.count) photos" }
    let shown = Dictionary(uniqueKeysWithValues: try gallery.people().map { ($0.id, $0.name) })
    guard shown.count == people.count else {
      return "\(shown.values.sorted()) instead of \(people.values.map(\.name).sorted())"
    }
    for (id, face) in faces {
      guard let file = files[face.path] else { return "\(face.path) is not there" }
      guard file.enrolled == id else { return "\(face.path) has face \(id)" }
      guard let person = people[file.person], person.number == face.person, shown[face.person] == person.name
      else {
        return
          "\(face.path) is \(shown[face.person] ?? "nobody")'s and not \(people[file.person]?.name ?? "nobody")'s"
      }
    }
    return nil
  }
}
