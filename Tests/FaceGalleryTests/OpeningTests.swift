import Foundation
import LMDB
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Opening, format, backup")
struct OpeningTests {
  @Test("a gallery is made only when asked for, and only in an empty folder")
  func making() throws {
    let folder = try TemporaryFolder()
    for access in [GalleryOptions.Access.existing, .readOnly] {
      #expect(code { _ = try folder.open(GalleryOptions(access: access)) } == .notFound)
      #expect(!FileManager.default.fileExists(atPath: folder.gallery.path))
    }
    try Data("photo".utf8).write(to: folder.url.appending(path: "photo.jpg"))
    #expect(code { _ = try Gallery.open(at: folder.url) } == .notAGallery)
    #expect(code { _ = try Gallery.open(at: folder.url.appending(path: "photo.jpg")) } == .notAGallery)
    let info = try folder.open().info()
    #expect(info.faces == 0 && info.people == 0 && info.dimension == nil && info.sequence == 0)
    let again = try folder.open(GalleryOptions(access: .existing)).info()
    #expect(again.uuid == info.uuid && again.created == info.created)
  }

  @Test("files that are no gallery are refused and left alone")
  func notAGallery() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder.gallery, withIntermediateDirectories: true)
    let file = folder.gallery.appending(path: "data.mdb")
    let text = Data(String(repeating: "text ", count: 4000).utf8)
    try text.write(to: file)
    #expect(code { _ = try folder.open() } == .notAGallery)
    #expect(try Data(contentsOf: file) == text)
    try FileManager.default.removeItem(at: file)
    do {
      let foreign = try Environment(path: folder.gallery.path(percentEncoded: false))
      _ = try foreign.openDatabases(creating: true) {
        try $0.database("theirs", key: String.self, value: String.self)
      }
    }
    #expect(code { _ = try folder.open() } == .notAGallery)
  }

  @Test("a making that was interrupted before the head was written is finished")
  func interrupted() throws {
    let folder = try TemporaryFolder()
    do {
      let environment = try Environment(path: folder.gallery.path(percentEncoded: false))
      _ = try environment.openDatabases(creating: true) { try Tables($0) }
    }
    #expect(code { _ = try folder.open(GalleryOptions(access: .readOnly)) } == .notAGallery)
    #expect(try folder.open().info().faces == 0)
  }

  /// Changes a record of `meta` behind the gallery's back.
  private func setMeta(_ key: String, _ value: [UInt8], in folder: TemporaryFolder) throws {
    let environment = try Environment(path: folder.gallery.path(percentEncoded: false))
    let tables = try environment.openDatabases(creating: false) { try Tables($0) }
    try environment.write { try $0.put(value, for: key, in: tables.meta) }
  }

  @Test("a newer major version of the format is refused; a newer minor one is read")
  func versions() throws {
    let folder = try TemporaryFolder()
    do { _ = try folder.open().add(Samples.embedding(person: 0, face: 0), as: "Ada") }
    try setMeta("format", [1, 0, 7, 0, 99], in: folder)
    #expect(try folder.open().info().faces == 1)
    try setMeta("format", [2, 0, 0, 0], in: folder)
    #expect(code { _ = try folder.open() } == .newerVersion)
  }

  @Test("damage inside the tables is found by checkInvariants")
  func invariants() throws {
    let damages: [(String, (borrowing WriteTransaction, Tables) throws -> Void)] = [
      ("vector", { try $0.remove(1, from: $1.vectors) }),
      ("record", { try $0.remove(1, from: $1.faces) }),
      ("name", { try $0.remove("Person 1", from: $1.personsByName) }),
      ("list", { try $0.remove(2, of: 2, from: $1.facesByPerson) }),
      ("log", { try $0.remove(2, from: $1.changes) }),
      ("length", { try $0.put([UInt8](repeating: 0, count: 512), for: 1, in: $1.vectors) }),
    ]
    for (what, damage) in damages {
      let folder = try TemporaryFolder()
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 2, each: 1))
      try gallery.checkInvariants()
      let environment = try Environment(path: folder.gallery.path(percentEncoded: false))
      let tables = try environment.openDatabases(creating: false) { try Tables($0) }
      try environment.write { try damage($0, tables) }
      #expect(code { try gallery.checkInvariants() } == .damaged, "\(what)")
    }
  }

  @Test("a backup made while others write is a gallery of one moment, with a usable snapshot")
  func backup() async throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 20, each: 2))
    try gallery.saveSnapshot()
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    async let writing: Void = {
      for person in 50..<80 {
        _ = try gallery.add(Samples.embedding(person: person, face: 0), as: Samples.name(person))
      }
    }()
    try gallery.backup(to: copy)
    try await writing
    let restored = try Gallery.open(at: copy, options: GalleryOptions(access: .existing))
    let info = try restored.info()
    let original = try gallery.info()
    #expect(info.faces >= 40 && info.uuid == original.uuid)
    #expect([.current, .behind].contains(info.snapshot.state))
    try restored.checkInvariants()
    #expect(code { try gallery.backup(to: copy) } == .invalidArgument)
  }

  @Test("a closed gallery says so")
  func closed() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    try gallery.close()
    try gallery.close()
    #expect(code { _ = try gallery.people() } == .closed)
  }
}
