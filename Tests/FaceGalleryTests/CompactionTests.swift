import FaceEngine
import Foundation
import GalleryStore
import Synchronization
import TestSupport
import Testing

@testable import FaceGallery

@Suite("Compacting a gallery that is open")
struct CompactionTests {
  private func occurs(_ text: String, in folder: URL) throws -> Bool {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.contains { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }
  }

  @Test("it holds nothing that was removed, answers as before, and takes changes", arguments: [60, 1_500])
  func open(people: Int) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: 2))
    let other = try folder.open()
    let secret = try gallery.add(Samples.embedding(person: 9_999, face: 0), as: "Somebody Secret")
    let probe = try Samples.embedding(person: 5, face: 9)
    _ = try gallery.query(probe, options: byPerson(.graph))
    try gallery.remove(secret)
    let person = try gallery.person(named: "Somebody Secret")
    try gallery.remove(#require(person))
    for number in people / 2..<people {
      let person = try gallery.person(named: Samples.name(number))
      try gallery.remove(#require(person))
    }
    let before = try gallery.query(probe, options: byPerson(.exact)).candidates
    #expect(try occurs("Somebody Secret", in: folder.gallery))
    let report = try gallery.compact()
    #expect(report.warnings.isEmpty && report.bytesAfter < report.bytesBefore)
    #expect(try !occurs("Somebody Secret", in: folder.gallery))
    #expect(try gallery.removals().isEmpty)
    for gallery in [gallery, other] {
      #expect(try gallery.query(probe, options: byPerson(.exact)).candidates == before)
      #expect(try gallery.query(probe, options: byPerson()).candidates.first == before.first)
      _ = try gallery.add(Samples.embedding(person: 7_777, face: 1), as: "Later")
    }
    #expect(try gallery.person(named: "Later")?.faceCount == 2)
    // Twice, and by a gallery that did not do it before.
    _ = try other.compact()
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.info().faces == people + 2)
    try gallery.checkInvariants()
    try gallery.close()
    try other.close()
    #expect(try folder.open().check().isHealthy)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.gallery.path)
    #expect(!names.contains { $0.contains("compacting") })
  }

  @Test("readers and writers go on beside it, and nothing that they were told is lost")
  func busy() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 300, each: 2))
    let isOver = Atomic(false)
    let added = Mutex<[FaceID]>([])
    let trouble = Mutex<[String]>([])
    let threads = (0..<4).map { number in
      let thread = Thread {
        var round = 0
        while !isOver.load(ordering: .relaxed) {
          round += 1
          do {
            if number < 2 {
              let embedding = try Samples.embedding(person: 1_000 + number, face: round)
              let face = try gallery.add(embedding, as: "Writer \(number)")
              added.withLock { $0.append(face) }
            } else {
              let probe = try Samples.embedding(person: round % 300, face: 9)
              let name = try gallery.query(probe, options: byPerson()).candidates.first?.name
              if name != Samples.name(round % 300) { trouble.withLock { $0.append(name ?? "nobody") } }
            }
          } catch {
            trouble.withLock { $0.append("\(error)") }
          }
        }
        trouble.withLock { $0.append("end") }
      }
      thread.start()
      return thread
    }
    for _ in 0..<5 { _ = try gallery.compact() }
    isOver.store(true, ordering: .relaxed)
    while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
    #expect(trouble.withLock { $0.filter { $0 != "end" } } == [])
    let faces = added.withLock { $0 }
    #expect(!faces.isEmpty)
    for face in faces { #expect(try gallery.face(face) != nil) }
    #expect(try gallery.info().faces == 600 + faces.count)
    #expect(try gallery.check().isHealthy)
    try gallery.checkInvariants()
  }

  @Test(
    "another gallery that lies in its place by now is left alone",
    arguments: ["moved", "moved and open", "linked", "linked and open", "replaced"])
  func otherInPlace(way: String) throws {
    let (own, other) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try other.open().add(Samples.faces(people: 3, each: 1))
    let files = FileManager.default
    let place = own.gallery.deletingLastPathComponent().appending(path: "place")
    let aside = own.gallery.deletingLastPathComponent().appending(path: "aside")
    if way.hasPrefix("linked") {
      _ = try own.open()
      try files.createSymbolicLink(at: place, withDestinationURL: own.gallery)
    }
    let options = GalleryOptions(fingerprint: Samples.fingerprint)
    let gallery = try Gallery.open(at: place, options: options)
    _ = try gallery.add(Samples.faces(people: 5, each: 1))
    let (database, otherDatabase) = (
      place.appending(path: "data.mdb"), other.gallery.appending(path: "data.mdb")
    )
    switch way {
    case "linked", "linked and open":
      try files.removeItem(at: place)
      try files.createSymbolicLink(at: place, withDestinationURL: other.gallery)
    case "replaced":
      try files.removeItem(at: database)
      try files.copyItem(at: otherDatabase, to: database)
    default:
      try files.moveItem(at: place, to: aside)
      try files.createDirectory(at: place, withIntermediateDirectories: false)
      try files.copyItem(at: otherDatabase, to: database)
    }
    let neighbour = way.hasSuffix("open") ? try Gallery.open(at: place, options: options) : nil
    let before = try Data(contentsOf: database)
    let error = #expect(throws: GalleryError.self) { try gallery.compact() }
    #expect(error?.code == .replaced)
    #expect(try Data(contentsOf: database) == before)
    #expect(try neighbour?.info().faces ?? 3 == 3)
    // Its own answers are those of the file that it has open.
    #expect(try gallery.info().faces == 5)
    try gallery.close()
    try neighbour?.close()
    #expect(try Gallery.open(at: place, options: options).info().faces == 3)
    let rest = way.hasPrefix("linked") ? own.gallery : way == "replaced" ? nil : aside
    if let rest { #expect(try Gallery.open(at: rest, options: options).info().faces == 5) }
    #expect(try !files.contentsOfDirectory(atPath: place.path).contains { $0.contains("compacting") })
  }

  @Test("where it may only be read it is refused, and so it is in memory")
  func refused() throws {
    let folder = try TemporaryFolder()
    _ = try folder.open().add(Samples.faces(people: 2, each: 1))
    let reader = try Gallery.open(at: folder.gallery, options: GalleryOptions(access: .readOnly))
    #expect(throws: GalleryError.self) { try reader.compact() }
    #expect(try reader.info().faces == 2)
  }
}
