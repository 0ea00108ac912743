import FaceEngine
import Foundation
import GalleryStore
import Imaging
import Support
import TestSupport
import Testing

@testable import FaceGallery

@Suite("A gallery in step with a folder")
struct SyncTests {
  @Test("what is new is added, and a second run does nothing", arguments: Storage.allCases)
  func additions(storage: Storage) throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine(in: storage)
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("Bob/2024-05/1.png", person: 2, face: 1)
    let first = try photos.sync(gallery)
    #expect(first.photos.count == 2)
    #expect(try photos.owners(in: gallery) == ["Ada/1.png": "Ada", "Bob/2024-05/1.png": "Bob"])
    let plan = try gallery.syncPlan(for: [photos.url])
    #expect(plan.isEmpty && plan.unchanged == 2 && plan.photos == 2)
    try gallery.checkInvariants()
  }

  @Test("remarks that a program writes into a file do not make another photo of it")
  func remarks() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.sync(gallery)
    let face = try #require(try photos.faces(in: gallery).keys.first)
    for rating in 1...3 {
      try photos.writeRemark("rating \(rating)", into: "Ada/1.png")
      let plan = try gallery.syncPlan(for: [photos.url])
      #expect(plan.isEmpty && plan.unchanged == 1)
      guard case .skipped(let faces) = try gallery.add(.file(photos.file("Ada/1.png")), as: "Ada").outcome
      else {
        Issue.record("the photo is there")
        return
      }
      #expect(faces == [face])
    }
    // What is not a remark but another picture.
    try photos.write("Ada/1.png", person: 1, face: 2)
    let report = try photos.sync(gallery)
    #expect(report.removedFaces == 1 && report.plan.additions.map(\.replaces) == [[face]])
    #expect(try gallery.info().faces == 1)
  }

  @Test("a gallery of an earlier version, which knows photos by their files, goes on")
  func earlierDigests() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    let file = photos.file("Ada/1.png")
    let digest = PhotoDigest(of: [UInt8](try Data(contentsOf: file)))
    #expect(try LoadedPhoto(.file(file)).digests.file == digest)
    let face = try gallery.write { writer in
      try writer.settleEngine(gallery.identity)
      let person = try writer.insert(PersonName("Ada"))
      let record = StoredFace(
        person: person, added: .storable, photo: digest, detection: nil,
        path: file.path(percentEncoded: false))
      let vector = VectorBytes.encode(try Samples.embedding(person: 1, face: 1).values)
      return try writer.insert(record, vector: vector, thumbnail: nil)
    }
    #expect(try gallery.syncPlan(for: [photos.url]).unchanged == 1)
    guard case .skipped([face]) = try gallery.add(.file(file), as: "Ada").outcome else {
      Issue.record("the photo is there")
      return
    }
    // Another face of the same photo is added by this version.
    let other = try gallery.write { writer in
      let person = try writer.insert(PersonName("Bob"))
      let record = StoredFace(
        person: person, added: .storable, photo: try LoadedPhoto(.file(file)).digests.picture, detection: nil,
        path: file.path(percentEncoded: false))
      let vector = VectorBytes.encode(try Samples.embedding(person: 2, face: 1).values)
      return try writer.insert(record, vector: vector, thumbnail: nil)
    }
    try photos.move("Ada/1.png", to: "Ada/2.png")
    try photos.sync(gallery, SyncOptions(prune: true))
    for id in [face, other] {
      #expect(try gallery.face(id)?.path == photos.file("Ada/2.png").path(percentEncoded: false))
    }
  }

  @Test(
    "photos that move keep their faces, and go to the person in whose folder they lie",
    arguments: Storage.allCases)
  func moves(storage: Storage) throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine(in: storage)
    for face in 1...3 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.write("Bob/1.png", person: 2, face: 1)
    try photos.sync(gallery)
    let before = try photos.faces(in: gallery)
    try photos.move("Ada/1.png", to: "Ada/best.png")
    try photos.move("Ada/2.png", to: "Bob/2.png")
    try photos.move("Ada/3.png", to: "Eve/3.png")
    let report = try photos.sync(gallery)
    #expect(report.photos.isEmpty && report.removedFaces == 0)
    #expect(
      try photos.owners(in: gallery)
        == ["Ada/best.png": "Ada", "Bob/1.png": "Bob", "Bob/2.png": "Bob", "Eve/3.png": "Eve"])
    #expect(Set(try photos.faces(in: gallery).keys) == Set(before.keys))
    try gallery.checkInvariants()
  }

  @Test("a folder that gets another name renames its person, who keeps number and tags")
  func renamedFolder() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...2 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.sync(gallery)
    let ada = try #require(try gallery.people().first)
    try gallery.tag(ada.id, ["team": "red"])
    try photos.move("Ada", to: "Ada Lovelace")
    let report = try photos.sync(gallery)
    #expect(report.plan.renamings == [.init(person: ada.id, from: "Ada", to: "Ada Lovelace")])
    #expect(try gallery.people().map(\.name) == ["Ada Lovelace"])
    #expect(try gallery.people().first?.id == ada.id)
    #expect(try gallery.tags(of: ada.id) == ["team": "red"])
  }

  @Test(
    "files named after people mean their folder's person all the same, when the folder is renamed",
    arguments: Storage.allCases)
  func renamedFolderOfNamedFiles(storage: Storage) throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine(in: storage)
    for face in 1...4 {
      try photos.write("Jack_Straw/Jack_Straw_000\(face).png", person: 1, face: UInt8(face))
    }
    try photos.write("Naomi_Watts/Naomi_Watts_0001.png", person: 2, face: 1)
    try photos.sync(gallery)
    let jack = try #require(try gallery.person(named: "Jack Straw"))
    try photos.move("Jack_Straw", to: "Jock")
    let report = try photos.sync(gallery)
    #expect(report.plan.renamings == [.init(person: jack.id, from: "Jack Straw", to: "Jock")])
    try photos.write("Jock/Jack_Straw_0005.png", person: 1, face: 5)
    #expect(try photos.sync(gallery).photos.count == 1)
    #expect(try gallery.people().map(\.name) == ["Jock", "Naomi Watts"])
    #expect(try gallery.person(jack.id)?.faceCount == 5)
    #expect(try gallery.syncPlan(for: [photos.url]).isEmpty)
    try gallery.checkInvariants()
  }

  @Test("a file named after somebody who is in no folder moves to the person in whose folder it lies")
  func movedNamedFiles() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("A_B/Jack_Straw_0001.png", person: 1, face: 1)
    try photos.write("A_B/Jack_Straw_0002.png", person: 1, face: 2)
    try photos.write("A_B/Jack_Straw_0003.png", person: 1, face: 3)
    try photos.write("Naomi_Watts/Naomi_Watts_0001.png", person: 2, face: 1)
    try photos.sync(gallery)
    // Somebody was corrected by hand: that stays.
    let ab = try #require(try gallery.person(named: "A B"))
    let corrected = try #require(
      try gallery.faces(of: ab.id).first { $0.path?.hasSuffix("_0002.png") ?? false })
    try gallery.split([corrected.id], of: ab.id, into: "Jack Straw")
    for number in 1...2 {
      try photos.move(
        "A_B/Jack_Straw_000\(number).png", to: "Naomi_Watts/Jack_Straw_000\(number).png")
    }
    try photos.sync(gallery)
    #expect(
      try photos.owners(in: gallery) == [
        "A_B/Jack_Straw_0003.png": "A B", "Naomi_Watts/Jack_Straw_0001.png": "Naomi Watts",
        "Naomi_Watts/Jack_Straw_0002.png": "Jack Straw", "Naomi_Watts/Naomi_Watts_0001.png": "Naomi Watts",
      ])
  }

  @Test(
    "a file beside folders of people, which says itself who it shows, moves into a person's folder, and back")
  func looseFiles() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    let smith = photos.file("Smith")
    func sync() throws { _ = try gallery.sync(gallery.syncPlan(for: [smith])) }
    try photos.write("Smith/Bob/1.png", person: 2, face: 1)
    try photos.write("Smith/ann.png", person: 1, face: 1)
    try photos.write("Smith/ann-2.png", person: 1, face: 2)
    try photos.write("Smith/Joe_Biden_0001.png", person: 3, face: 1)
    try photos.write("Smith/Joe_Biden_0002.png", person: 3, face: 2)
    try sync()
    #expect(Set(try gallery.people().map(\.name)) == ["Bob", "Joe Biden", "ann"])
    try photos.move("Smith/ann.png", to: "Smith/Bob/2.png")
    try photos.move("Smith/Joe_Biden_0001.png", to: "Smith/Bob/Joe_Biden_0001.png")
    try sync()
    let all = [
      "Smith/Bob/1.png": "Bob", "Smith/Bob/2.png": "Bob", "Smith/Bob/Joe_Biden_0001.png": "Bob",
      "Smith/ann-2.png": "ann", "Smith/Joe_Biden_0002.png": "Joe Biden",
    ]
    #expect(try photos.owners(in: gallery) == all)
    try photos.move("Smith/Bob/Joe_Biden_0001.png", to: "Smith/Joe_Biden_0003.png")
    try photos.move("Smith/Joe_Biden_0002.png", to: "Smith/Ann_Lee_0001.png")
    try sync()
    #expect(try photos.owners(in: gallery)["Smith/Joe_Biden_0003.png"] == "Joe Biden")
    #expect(try photos.owners(in: gallery)["Smith/Ann_Lee_0001.png"] == "Ann Lee")
  }

  @Test("a photo that comes from outside of the folders leaves whom its file or its folder meant there")
  func fromOutside() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    let people = photos.file("people")
    try photos.write("office/Ada_Lovelace_0001.png", person: 1, face: 1)
    try photos.write("office/Ada_Lovelace_0002.png", person: 1, face: 2)
    _ = try gallery.fitDataset(at: photos.file("office"))
    try photos.write("old/Cy/Ada_Lovelace_0001.png", person: 3, face: 1)
    try photos.write("old/Cy/2.png", person: 3, face: 2)
    _ = try gallery.fitDataset(at: photos.file("old"))
    try photos.write("people/Bob/1.png", person: 2, face: 1)
    _ = try gallery.sync(gallery.syncPlan(for: [people]))
    try photos.move("office/Ada_Lovelace_0001.png", to: "people/Bob/2.png")
    try photos.move("old/Cy/Ada_Lovelace_0001.png", to: "people/Bob/Ada_Lovelace_0001.png")
    _ = try gallery.sync(gallery.syncPlan(for: [people]))
    #expect(
      try photos.owners(in: gallery) == [
        "office/Ada_Lovelace_0002.png": "Ada Lovelace", "old/Cy/2.png": "Cy",
        "people/Bob/1.png": "Bob", "people/Bob/2.png": "Bob", "people/Bob/Ada_Lovelace_0001.png": "Bob",
      ])
  }

  @Test(
    "many folders given at once, in each other and twice, are one; only those that are empty prune nothing")
  func manyFolders() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for person in 1...9 { try photos.write("P\(person)x/1.png", person: UInt8(person), face: 1) }
    let folders = [photos.url] + (1...9).map { photos.file("P\($0)x") } + [photos.file("P1x")]
    _ = try gallery.sync(gallery.syncPlan(for: folders))
    #expect(try gallery.people().count == 9)
    let plan = try gallery.syncPlan(for: folders, options: SyncOptions(prune: true))
    #expect(plan.isEmpty && plan.unchanged == 9)
    try photos.remove("P3x/1.png")
    let error = #expect(throws: GalleryError.self) {
      try gallery.syncPlan(for: folders, options: SyncOptions(prune: true))
    }
    #expect(error?.message.contains("P3x holds no photos at all, and 1 ") ?? false)
    let others = folders.filter { $0 != photos.file("P3x") }
    #expect(try gallery.syncPlan(for: others, options: SyncOptions(prune: true)).missing.count == 1)
  }

  @Test("what is removed comes back with the next run, which is known before", arguments: Storage.allCases)
  func removed(storage: Storage) throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine(in: storage)
    for face in 1...3 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.write("Bob/1.png", person: 2, face: 1)
    _ = try gallery.add(try Samples.embedding(person: 4, face: 1), as: "Dan")
    let group = FakePhoto((5...6).map { .init(person: $0, face: 1, place: $0) })
    try photos.write("Bob/group.png", group)
    _ = try gallery.add(
      [NamedPhoto(.file(photos.file("Bob/group.png")), name: nil)], options: .init(severalFaces: .all))
    #expect(try gallery.returningPhotos { Set(try gallery.faces(limit: .max).faces.map(\.id)) } == 0)
    try photos.age()
    try photos.sync(gallery)
    func returning(_ name: String) throws -> Int {
      let person = try #require(try gallery.person(named: name))
      return try gallery.returningPhotos { Set(try gallery.faces(of: person.id).map(\.id)) }
    }
    #expect(try returning("Ada") == (storage == .files ? 3 : 0))
    #expect(try returning("Dan") == 0)
    // The other face of the photo, which has got a name, keeps it in the gallery.
    let nameless = Set(try gallery.unnamedFaces())
    #expect(nameless.count == 1)
    #expect(try gallery.returningPhotos { nameless } == 0)
    try photos.remove("Ada/3.png")
    #expect(try returning("Ada") == (storage == .files ? 2 : 0))
    try gallery.remove(try #require(try gallery.person(named: "Ada")))
    #expect(try photos.sync(gallery).photos.count == 2)
    #expect(try gallery.person(named: "Ada")?.faceCount == 2)
  }

  @Test("who was renamed, merged or corrected in the gallery stays so, and the folder means that person")
  func corrections() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...3 { try photos.write("Powell/\(face).png", person: 1, face: UInt8(face)) }
    try photos.write("Ben/1.png", person: 2, face: 1)
    try photos.sync(gallery)
    let powell = try #require(try gallery.people().first { $0.name == "Powell" })
    try gallery.rename(powell.id, to: "Colin Powell")
    #expect(try gallery.syncPlan(for: [photos.url]).isEmpty)
    try photos.write("Powell/4.png", person: 1, face: 4)
    try photos.sync(gallery)
    #expect(try gallery.people().map(\.name) == ["Ben", "Colin Powell"])
    #expect(try gallery.person(powell.id)?.faceCount == 4)
    // A photo that moves into the folder becomes that person's, too.
    try photos.write("Ben/2.png", person: 2, face: 2)
    try photos.sync(gallery)
    try photos.move("Ben/2.png", to: "Powell/5.png")
    try photos.sync(gallery)
    #expect(try gallery.person(powell.id)?.faceCount == 5)
    // Ben's folder is Colin Powell's after the merge.
    let ben = try #require(try gallery.people().first { $0.name == "Ben" })
    try gallery.merge(ben.id, into: powell.id)
    try photos.write("Ben/3.png", person: 2, face: 3)
    try photos.sync(gallery)
    #expect(try gallery.people().map(\.name) == ["Colin Powell"])
    #expect(try gallery.person(powell.id)?.faceCount == 7)
  }

  @Test("a folder means who was called so, not to whom most of its faces belong")
  func mixedFolder() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...3 {
      try photos.write("Italy/\(face).png", person: 1, face: UInt8(face))
      _ = try gallery.add(.file(photos.file("Italy/\(face).png")), as: "Bob")
    }
    try photos.write("Italy/stranger.png", person: 2, face: 1)
    try photos.sync(gallery)
    #expect(try photos.owners(in: gallery)["Italy/stranger.png"] == "Italy")
    #expect(try gallery.people().map(\.faceCount) == [3, 1])
  }

  @Test("faces that were given to others stay theirs when the folder is renamed, or their photo moves")
  func corrected() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...3 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.write("Zed/1.png", person: 3, face: 1)
    try photos.sync(gallery)
    let ada = try #require(try gallery.person(named: "Ada"))
    let wrong = try gallery.faces(of: ada.id)[1]
    try gallery.split([wrong.id], of: ada.id, into: "Other")
    try photos.move("Ada", to: "Ada Lovelace")
    try photos.sync(gallery)
    #expect(
      try photos.owners(in: gallery)
        == [
          "Ada Lovelace/1.png": "Ada Lovelace", "Ada Lovelace/2.png": "Other",
          "Ada Lovelace/3.png": "Ada Lovelace",
          "Zed/1.png": "Zed",
        ])
    #expect(try gallery.person(named: "Ada Lovelace")?.id == ada.id)
    try photos.move("Ada Lovelace/2.png", to: "Zed/2.png")
    try photos.sync(gallery, SyncOptions(prune: true))
    #expect(try photos.owners(in: gallery)["Zed/2.png"] == "Other")
  }

  @Test("a changed photo of several people keeps whose its faces were, their tags, and those without a name")
  func changedGroup() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    func group(_ sharpness: UInt8) -> FakePhoto {
      FakePhoto([
        .init(person: 1, face: 1, place: 0, size: 120, sharpness: sharpness),
        .init(person: 2, face: 1, place: 1, size: 110, sharpness: sharpness),
        .init(person: 3, face: 1, place: 2, size: 100, sharpness: sharpness),
      ])
    }
    try photos.write("Ann/group.png", group(40))
    let added = try gallery.add(
      [NamedPhoto(.file(photos.file("Ann/group.png")), name: nil)], options: .init(severalFaces: .all))
    guard case .added(let faces) = added.photos[0].outcome else {
      Issue.record("\(added)")
      return
    }
    let ann = try gallery.addPerson(named: "Ann")
    let ben = try gallery.addPerson(named: "Ben")
    try gallery.write { writer in
      try writer.move(faces[0], to: ann.id)
      try writer.move(faces[1], to: ben.id)
    }
    try gallery.tag(faces[1], ["best": ""])
    for sharpness in [50, 60] as [UInt8] {
      try photos.write("Ann/group.png", group(sharpness))
      let report = try photos.sync(gallery, SyncOptions(prune: true))
      #expect(report.removedFaces == 3 && report.removedPeople == 0)
      #expect(try gallery.people().map(\.faceCount) == [1, 1])
      #expect(try gallery.info().faces == 3)
    }
    let bens = try gallery.faces(of: ben.id)
    #expect(try gallery.tags(of: bens[0].id) == ["best": ""])
    // One who has gone from it is missing.
    try photos.write(
      "Ann/group.png", FakePhoto([.init(person: 1, face: 1), .init(person: 3, face: 1, place: 2)]))
    let report = try photos.sync(gallery)
    #expect(report.removedFaces == 2)
    #expect(try gallery.syncPlan(for: [photos.url]).missing.map(\.names) == [["Ben"]])
    try gallery.checkInvariants()
  }

  @Test("files whose names differ in their bytes only are different files, of one person")
  func bytes() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    let (composed, decomposed) = ("Zo\u{EB}", "Zoe\u{308}")
    try photos.write("\(composed)/1.png", person: 1, face: 1)
    try photos.write("\(decomposed)/1.png", person: 1, face: 2)
    #expect(try photos.sync(gallery).photos.count == 2)
    #expect(try gallery.people().map(\.faceCount) == [2])
    #expect(try gallery.syncPlan(for: [photos.url]).unchanged == 2)
    try photos.write("\(decomposed)/2.png", person: 1, face: 3)
    #expect(try photos.sync(gallery).removedFaces == 0)
    #expect(try gallery.people().map(\.faceCount) == [3])
  }

  @Test("a photo whose faces have no name gets one in a person's folder, in place and moved")
  func unnamed() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("hol/1.png", person: 1, face: 1)
    try photos.write("Ada/2.png", person: 1, face: 2)
    for path in ["hol/1.png", "Ada/2.png"] {
      _ = try gallery.add([NamedPhoto(.file(photos.file(path)), name: nil)])
    }
    try photos.move("hol/1.png", to: "Ada/1.png")
    try photos.sync(gallery)
    #expect(try photos.owners(in: gallery) == ["Ada/1.png": "Ada", "Ada/2.png": "Ada"])
    #expect(try gallery.info().faces == 2)
    #expect(try gallery.syncPlan(for: [photos.url]).unchanged == 2)
  }

  @Test("nothing is pruned below a link that leads nowhere, or a folder that is empty though it had folders")
  func unreachable() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("disk/Bob/1.png", person: 2, face: 1)
    try photos.write("../elsewhere/1.png", person: 3, face: 1)
    try FileManager.default.createSymbolicLink(
      atPath: photos.url.path + "/Eve", withDestinationPath: "../elsewhere")
    try photos.sync(gallery)
    #expect(try gallery.info().faces == 3)
    try photos.remove("disk/Bob")
    try photos.remove("../elsewhere")
    let report = try photos.sync(gallery, SyncOptions(prune: true))
    #expect(report.plan.missing.map(\.isUnreachable) == [true, true] && report.plan.isEmpty)
    #expect(try gallery.info().faces == 3)
    try photos.remove("disk")
    try photos.remove("Eve")
    try photos.sync(gallery, SyncOptions(prune: true))
    #expect(try gallery.people().map(\.name) == ["Ada"])
  }

  @Test("what changes between plan and run stays right")
  func stale() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...2 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.write("Bob/1.png", person: 2, face: 1)
    try photos.sync(gallery)
    try photos.move("Bob", to: "../Bob")
    try photos.write("Ada/1.png", person: 1, face: 9)
    try photos.move("Ada/2.png", to: "Eve/2.png")
    let plan = try gallery.syncPlan(for: [photos.url], options: SyncOptions(prune: true))
    #expect(plan.missing.count == 1 && plan.additions.count == 1 && plan.moves.count == 1)
    try photos.move("../Bob", to: "Bob")
    let ada = try #require(try gallery.person(named: "Ada"))
    let faces = try gallery.faces(of: ada.id).map(\.id)
    let (right, left) = (try gallery.addPerson(named: "Right"), try gallery.addPerson(named: "Left"))
    try gallery.write { writer in
      try writer.move(faces[0], to: right.id)
      try writer.move(faces[1], to: left.id)
    }
    let report = try gallery.sync(plan)
    #expect(report.pruned.isEmpty)
    #expect(
      try photos.owners(in: gallery) == ["Ada/1.png": "Right", "Bob/1.png": "Bob", "Eve/2.png": "Left"])
  }

  @Test("a copy in another folder that was looked at before takes the place of a photo that goes")
  func otherFolder() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    let (a, b) = (photos.file("A"), photos.file("B"))
    try photos.write("A/Ann/1.png", person: 1, face: 1)
    try photos.write("A/Ann/2.png", person: 1, face: 2)
    try photos.write("B/Ann/1.png", person: 1, face: 1)
    try photos.age()
    for folder in [a, b] { _ = try gallery.sync(gallery.syncPlan(for: [folder])) }
    try photos.remove("A/Ann/1.png")
    _ = try gallery.sync(gallery.syncPlan(for: [a], options: SyncOptions(prune: true)))
    #expect(try photos.owners(in: gallery) == ["A/Ann/2.png": "Ann", "B/Ann/1.png": "Ann"])
  }

  @Test("a move that the gallery doubts is told, and not followed when it is strict")
  func doubtfulMove() throws {
    for isStrict in [false, true] {
      let photos = try PhotoFolder()
      let gallery = try photos.folder.openWithEngine()
      for face in 1...3 {
        try photos.write("Ada/\(face).png", person: 1, face: UInt8(face))
        try photos.write("Bob/\(face).png", person: 2, face: UInt8(face))
      }
      try photos.sync(gallery)
      try photos.move("Ada/1.png", to: "Bob/4.png")
      var options = SyncOptions()
      options.enrolment.refusesDoubtful = isStrict
      let report = try photos.sync(gallery, options)
      #expect(report.doubtfulMoves.map(\.doubt.kind) == ["closer-to-other"])
      #expect(try photos.owners(in: gallery)["Bob/4.png"] == (isStrict ? "Ada" : "Bob"))
    }
  }

  @Test("what is gone is told, and removed only when that is asked for", arguments: Storage.allCases)
  func missing(storage: Storage) throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine(in: storage)
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("Ada/2.png", person: 1, face: 2)
    try photos.write("Bob/1.png", person: 2, face: 1)
    try photos.sync(gallery)
    // Faces that were added from elsewhere, or without a photo, are not the folder's.
    _ = try gallery.add(FakePhoto(person: 3, face: 1).photo("elsewhere"), as: "Eve")
    _ = try gallery.add(try Samples.embedding(person: 4, face: 1), as: "Dan")
    try photos.remove("Ada/2.png")
    try photos.remove("Bob")
    let report = try photos.sync(gallery)
    #expect(report.plan.missing.map(\.names) == [["Ada"], ["Bob"]] && report.removedFaces == 0)
    #expect(try gallery.info().faces == 5)
    let pruned = try photos.sync(gallery, SyncOptions(prune: true))
    #expect(pruned.removedFaces == 2 && pruned.removedPeople == 1)
    #expect(try gallery.people().map(\.name) == ["Ada", "Dan", "Eve"])
    try gallery.checkInvariants()
  }

  @Test("an empty folder, as when a disk is not mounted, prunes nothing; nor does one that may not be read")
  func unmounted() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("Bob/1.png", person: 2, face: 1)
    try photos.sync(gallery)
    try photos.move("Ada", to: "../Ada")
    try photos.move("Bob", to: "../Bob")
    let error = #expect(throws: GalleryError.self) {
      try gallery.syncPlan(for: [photos.url], options: SyncOptions(prune: true))
    }
    #expect(error?.code == .invalidArgument)
    #expect(try gallery.syncPlan(for: [photos.url]).missing.count == 2)
    #expect(throws: GalleryError.self) {
      try gallery.syncPlan(for: [photos.url.appending(path: "nowhere")], options: SyncOptions(prune: true))
    }
    try photos.move("../Ada", to: "Ada")
    try photos.move("../Bob", to: "Bob")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: photos.file("Bob").path)
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o700], ofItemAtPath: photos.file("Bob").path)
    }
    // The superuser may read it all the same.
    #expect(try gallery.syncPlan(for: [photos.url], options: SyncOptions(prune: true)).missing.isEmpty)
  }

  @Test("a refused photo is tried again when it has changed, with other options, or when that is asked for")
  func refusals() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", FakePhoto([]))
    try photos.write("Ada/2.png", FakePhoto([.init(person: 1, face: 1, size: 20)]))
    try photos.write("IMG_1001.png", person: 1, face: 3)
    try photos.age()
    let first = try photos.sync(gallery)
    #expect(
      first.photos.count == 3
        && first.photos.allSatisfy { if case .refused = $0.outcome { true } else { false } })
    let second = try gallery.syncPlan(for: [photos.url])
    #expect(second.refused.map(\.kind) == ["no-face", "too-small"])
    // What a path says depends on more than the file.
    #expect(second.additions.map(\.name) == [nil])
    #expect(try gallery.syncPlan(for: [photos.url], options: SyncOptions(retries: true)).additions.count == 3)
    var options = SyncOptions()
    options.enrolment.quality = .none
    #expect(try gallery.syncPlan(for: [photos.url], options: options).additions.count == 3)
    try photos.write("Ada/1.png", person: 1, face: 1)
    let third = try photos.sync(gallery)
    #expect(third.photos.count == 2 && third.plan.refused.count == 1)
    // A cache that is lost or damaged costs time only.
    let cache = photos.folder.gallery.appending(path: "photos.cache")
    var bytes = try Data(contentsOf: cache)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: cache)
    #expect(try gallery.syncPlan(for: [photos.url]).additions.count == 2)
    try FileManager.default.removeItem(at: cache)
    #expect(try gallery.syncPlan(for: [photos.url]).additions.count == 2)
  }

  @Test("a photo that cannot be used in the place of another leaves that one's faces until it is pruned")
  func changedToNothing() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("Ada/2.png", person: 1, face: 2)
    try photos.sync(gallery)
    try photos.write("Ada/1.png", FakePhoto([]))
    try photos.sync(gallery)
    #expect(try gallery.info().faces == 2)
    let report = try photos.sync(gallery, SyncOptions(prune: true))
    #expect(report.removedFaces == 1)
    #expect(try photos.owners(in: gallery) == ["Ada/2.png": "Ada"])
    // A damaged file does not mean that the photo is gone.
    try Data("no photo".utf8).write(to: photos.file("Ada/2.png"))
    for _ in 0..<2 { try photos.sync(gallery, SyncOptions(prune: true)) }
    #expect(try gallery.info().faces == 1)
  }

  @Test(
    "faces without a name in a photo whose path gives none stay when it changes, also when what is gone is pruned"
  )
  func changedNameless() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    func group(_ sharpness: UInt8) -> FakePhoto {
      FakePhoto((1...2).map { .init(person: $0, face: 1, place: $0, sharpness: sharpness) })
    }
    try photos.write("DCIM/IMG_1001.png", group(40))
    _ = try gallery.add(
      [NamedPhoto(.file(photos.file("DCIM/IMG_1001.png")), name: nil)],
      options: EnrolmentOptions(severalFaces: .all))
    try photos.write("DCIM/IMG_1001.png", group(60))
    for _ in 0..<2 { try photos.sync(gallery, SyncOptions(prune: true)) }
    #expect(try gallery.info().faces == 2)
    let plan = try gallery.syncPlan(for: [photos.url], options: SyncOptions(prune: true))
    #expect(plan.isEmpty && plan.unchanged == 1)
  }

  @Test("a photo that is put back between plan and run keeps its faces")
  func putBack() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...2 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.sync(gallery)
    try photos.write("Ada/1.png", FakePhoto([]))
    try photos.age()
    try photos.sync(gallery)
    let plan = try gallery.syncPlan(for: [photos.url], options: SyncOptions(prune: true))
    #expect(plan.missing.count == 1)
    try photos.write("Ada/1.png", person: 1, face: 1)
    let report = try gallery.sync(plan)
    #expect(report.pruned.isEmpty)
    #expect(try gallery.info().faces == 2)
  }

  @Test("a picture in two people's folders is refused for the second, and told each time")
  func conflict() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    try photos.write("Ada/1.png", person: 1, face: 1)
    try photos.write("Ada/copy.png", person: 1, face: 1)
    try photos.write("Bob/1.png", person: 1, face: 1)
    try photos.write("Bob/2.png", person: 2, face: 1)
    for _ in 0..<2 {
      let report = try photos.sync(gallery)
      #expect(report.photos.contains { $0.outcome == .refused(.enrolledAs("Ada")) })
      #expect(try photos.owners(in: gallery) == ["Ada/1.png": "Ada", "Bob/2.png": "Bob"])
    }
    // The copy stands in for the one that goes.
    try photos.remove("Ada/1.png")
    try photos.sync(gallery, SyncOptions(prune: true))
    #expect(try photos.owners(in: gallery) == ["Ada/copy.png": "Ada", "Bob/2.png": "Bob"])
    try photos.remove("Ada")
    try photos.sync(gallery, SyncOptions(prune: true))
    #expect(try photos.owners(in: gallery) == ["Bob/1.png": "Bob", "Bob/2.png": "Bob"])
  }

  @Test("photos of no remembered status are read, those of one are not")
  func cache() throws {
    let photos = try PhotoFolder()
    let gallery = try photos.folder.openWithEngine()
    for face in 1...5 { try photos.write("Ada/\(face).png", person: 1, face: UInt8(face)) }
    try photos.age()
    func read() throws -> Int {
      var count = 0
      _ = try gallery.syncPlan(for: [photos.url]) { _, total in count = total }
      return count
    }
    #expect(try read() == 5)
    try photos.sync(gallery)
    #expect(try read() == 0)
    try photos.write("Ada/3.png", person: 1, face: 9)
    #expect(try read() == 1)
  }
}

/// A folder of pictures beside a test's gallery.
struct PhotoFolder {
  let folder: TemporaryFolder
  let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder.url.appending(path: "photos", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  func file(_ path: String) -> URL { url.appending(path: path).standardizedFileURL }

  func write(_ path: String, person: UInt8, face: UInt8) throws {
    try write(path, FakePhoto(person: person, face: face))
  }

  func write(_ path: String, _ photo: FakePhoto) throws {
    try makeFolder(of: path)
    try photo.image.pngData().write(to: file(path))
  }

  /// Puts a chunk of text behind the head of a PNG file, in the place of one that is there.
  func writeRemark(_ remark: String, into path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: file(path)))
    let head = 8 + 25
    var rest = bytes[head...]
    if rest.dropFirst(4).prefix(4).elementsEqual("tEXt".utf8) {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(length + 12)
    }
    let chunk = Array("tEXt".utf8) + Array("Comment\0\(remark)".utf8)
    var marked = Array(bytes[..<head])
    marked += Self.big(chunk.count - 4)
    marked += chunk
    marked += Self.big(Int(Self.crc(chunk)))
    marked += rest
    try Data(marked).write(to: file(path))
  }

  func move(_ path: String, to target: String) throws {
    try makeFolder(of: target)
    try FileManager.default.moveItem(at: file(path), to: file(target))
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(at: file(path)) }

  /// Waits until all files are old enough for their status to count.
  func age() throws {
    let last = PhotoCache.now
    #expect(eventually { PhotoCache.now - last > 2_000_000_000 })
  }

  @discardableResult
  func sync(_ gallery: Gallery, _ options: SyncOptions = SyncOptions()) throws -> SyncReport {
    try gallery.sync(gallery.syncPlan(for: [url], options: options))
  }

  /// Whose the faces are that have their photos in the folder, by the photos' paths.
  func owners(in gallery: Gallery) throws -> [String: String] {
    let names = Dictionary(uniqueKeysWithValues: try gallery.people().map { ($0.id, $0.name) })
    let pairs = try faces(in: gallery).values.map { ($0.path, names[$0.person] ?? "?") }
    return Dictionary(pairs) { "\($0), \($1)" }
  }

  /// The faces that have their photos in the folder.
  func faces(in gallery: Gallery) throws -> [FaceID: (path: String, person: PersonID)] {
    let top = url.path(percentEncoded: false)
    let faces = try gallery.faces(offset: 0, limit: .max).faces.compactMap { face in
      face.path.flatMap { path -> (FaceID, (String, PersonID))? in
        path.hasPrefix(top) ? (face.id, (String(path.dropFirst(top.count)), face.person)) : nil
      }
    }
    return Dictionary(uniqueKeysWithValues: faces)
  }

  private func makeFolder(of path: String) throws {
    try FileManager.default.createDirectory(
      at: file(path).deletingLastPathComponent(), withIntermediateDirectories: true)
  }

  private static func big(_ value: Int) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// CRC-32 as PNG has it.
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB8_8320 }
    }
    return ~crc
  }
}
