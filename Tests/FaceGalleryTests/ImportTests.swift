import FaceEngine
import Foundation
import GalleryStore
import GalleryTransfer
import Synchronization
import TestSupport
import Testing

@testable import FaceGallery

/// A store in whose gallery others change something just before the first write of an import.
private final class ChangingStore: Store {
  private let store: any Store
  private let change: Mutex<(@Sendable (any Store) throws -> Void)?>

  init(_ store: any Store, change: @escaping @Sendable (any Store) throws -> Void) {
    self.store = store
    self.change = Mutex(change)
  }

  var uuid: UUID { store.uuid }
  var created: Date { store.created }
  var schemaVersion: Int { store.schemaVersion }
  var isReadOnly: Bool { store.isReadOnly }

  func read<Result>(ahead: Bool, _ body: (borrowing Snapshot) throws -> Result) throws -> Result {
    try store.read(ahead: ahead, body)
  }

  func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result {
    let change = change.withLock { change in
      defer { change = nil }
      return change
    }
    try change?(store)
    return try store.write(body)
  }

  func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport {
    try store.check(repair: repair, progress: progress)
  }
}

@Suite("An import beside other writers")
struct ImportTests {
  /// Three people with two faces each, and their export.
  private func filled(_ folder: TemporaryFolder) throws -> (Gallery, URL) {
    let gallery = try folder.open()
    for person in 0..<3 {
      for face in 0..<2 {
        _ = try gallery.add(Samples.embedding(person: person, face: face), as: Samples.name(person))
      }
    }
    let file = folder.url.appending(path: "faces.jsonl")
    _ = try gallery.exportEmbeddings(to: file, format: .jsonLines)
    return (gallery, file)
  }

  /// Imports a file, while `change` comes between the look at what is there and the writing.
  private func load(
    _ file: URL, into gallery: Gallery, change: @escaping @Sendable (any Store) throws -> Void
  ) throws -> ImportReport {
    try gallery.perform { session in
      try EmbeddingImport.read(
        file, into: ChangingStore(session.store, change: change), of: nil, ImportOptions()
      ) { session.saver.didCommit() }
    }
  }

  @Test("who is brought back meanwhile, under their old numbers, is not added again")
  func undone() throws {
    let folder = try TemporaryFolder()
    let (gallery, file) = try filled(folder)
    _ = try gallery.removeAllPeople()
    // A newer number than those that come back.
    _ = try gallery.add(Samples.embedding(person: 9, face: 0), as: "Newcomer")
    let report = try load(file, into: gallery) { _ in _ = try gallery.undo() }
    #expect((report.added, report.skipped) == (0, 6))
    #expect(try gallery.info().faces == 7)
  }

  @Test(
    "who is removed, moved, merged or renamed meanwhile is added again as the file says",
    arguments: ["remove", "remove face", "move", "merge", "rename"])
  func changed(word: String) throws {
    let folder = try TemporaryFolder()
    let (gallery, file) = try filled(folder)
    let (first, second) = (PersonID(rawValue: 1), PersonID(rawValue: 2))
    let report = try load(file, into: gallery) { store in
      try store.write { writer in
        switch word {
        case "remove": _ = try writer.remove(first)
        case "remove face": try writer.remove(FaceID(rawValue: 1))
        case "move": try writer.move(FaceID(rawValue: 1), to: second)
        case "merge": try writer.merge(first, into: second)
        default: try writer.changeName(of: first, to: PersonName("Somebody else"))
        }
      }
    }
    let missing = ["remove face", "move"].contains(word) ? 1 : 2
    #expect((report.added, report.skipped) == (missing, 6 - missing))
    #expect(try gallery.person(named: Samples.name(0))?.faceCount == 2)
    // The second time all are there.
    let again = try gallery.importEmbeddings(from: file)
    #expect((again.added, again.skipped) == (0, 6))
    try gallery.checkInvariants()
  }

  @Test(
    "who is added meanwhile, in a log that goes on or begins anew, is not added again",
    arguments: [false, true])
  func added(isCutOff: Bool) throws {
    let folder = try TemporaryFolder()
    let (gallery, file) = try filled(folder)
    for person in try gallery.people() { try gallery.remove(person.id) }
    let report = try load(file, into: gallery) { store in
      try store.write { writer in
        _ = try writer.add(Samples.embedding(person: 1, face: 0), as: PersonName(Samples.name(1)))
      }
      if isCutOff { try store.write { try $0.trimChanges(through: .max) } }
    }
    #expect((report.added, report.skipped) == (5, 1))
    #expect(try gallery.info().faces == 6)
  }
}
