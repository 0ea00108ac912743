import Foundation
import LMDB
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Check, repair, restore, compact")
struct HealthTests {
  private func filled(people: Int = 20, each: Int = 3) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: each))
    _ = try gallery.add(
      FakePhoto(person: 99, face: 1).photo("99.png"), as: "With photo", with: FakeEngine(), in: folder)
    try gallery.close()
    return folder
  }

  /// Changes tables behind the gallery's back.
  private func damage(
    _ folder: TemporaryFolder, _ body: (borrowing WriteTransaction, Tables) throws -> Void
  ) throws {
    let environment = try Environment(path: folder.gallery.path(percentEncoded: false))
    let tables = try environment.openDatabases(creating: false) { try Tables($0) }
    try environment.write { try body($0, tables) }
  }

  @Test("a sound gallery is read to the end and nothing is found")
  func sound() throws {
    let folder = try filled()
    let gallery = try folder.open()
    let calls = Counter()
    let report = try gallery.check { calls.note($0, $1) }
    #expect(report.isHealthy && report.findings.isEmpty)
    #expect((report.people, report.faces, report.changes) == (21, 61, 61))
    #expect((report.links ?? 0) > 61 && (report.recall ?? 0) > 0.95)
    #expect(calls.last?.0 == 61 && calls.last?.1 == 61)
  }

  @Test("what is derived is found damaged, named, and repaired; answers are right again")
  func repair() throws {
    let damages: [(HealthReport.Part, (borrowing WriteTransaction, Tables) throws -> Void)] = [
      (.names, { try $0.remove("Person 1", from: $1.personsByName) }),
      (.names, { try $0.put(3, for: "A stray", in: $1.personsByName) }),
      (.facesByPerson, { try $0.remove(2, of: 2, from: $1.facesByPerson) }),
      (.facesByPerson, { try $0.put(2, for: 9, in: $1.facesByPerson) }),
      (.facesBySource, { try $0.removeAll(from: $1.facesBySource) }),
      (.facesBySource, { try $0.put(2, for: [UInt8](repeating: 7, count: 32), in: $1.facesBySource) }),
      (.vectors, { try $0.remove(4, from: $1.faces) }),
      (.log, { try $0.remove(2, from: $1.changes) }),
      (.log, { try $0.put([77], for: 5, in: $1.changes) }),
      (.log, { try $0.removeAll(from: $1.changes) }),
    ]
    for (index, (part, damage)) in damages.enumerated() {
      let folder = try filled()
      try self.damage(folder, damage)
      let gallery = try folder.open()
      let found = try gallery.check()
      #expect(!found.isHealthy && found.findings.contains { $0.part == part }, "damage \(index): \(found)")
      #expect(found.findings.contains { $0.isRepairable && !$0.isRepaired })
      let repaired = try gallery.check(repair: true)
      #expect(repaired.isHealthy, "damage \(index): \(repaired)")
      #expect(!repaired.findings.isEmpty)
      let again = try gallery.check()
      #expect(again.findings.isEmpty, "damage \(index): \(again)")
      try gallery.checkInvariants()
      #expect(
        try gallery.query(Samples.embedding(person: 7, face: 33), options: byPerson()).candidates.first?.name
          == Samples.name(7))
    }
  }

  @Test("what is not derived is named with its remedy and left alone by a repair")
  func losses() throws {
    let damages: [(HealthReport.Part, (borrowing WriteTransaction, Tables) throws -> Void)] = [
      (.vectors, { try $0.remove(1, from: $1.vectors) }),
      (.vectors, { try $0.put([UInt8](repeating: 0, count: 512), for: 1, in: $1.vectors) }),
      (.vectors, { try $0.put([1, 2, 3, 4], for: 1, in: $1.vectors) }),
      (.faces, { try $0.put([1, 0, 9], for: 1, in: $1.faces) }),
      (.faces, { try $0.remove(1, from: $1.persons) }),
      (.people, { try $0.put([1], for: 1, in: $1.persons) }),
    ]
    for (index, (part, damage)) in damages.enumerated() {
      let folder = try filled()
      try self.damage(folder, damage)
      let report = try folder.open().check(repair: true, recallSample: 0)
      #expect(!report.isHealthy, "damage \(index)")
      #expect(
        report.findings.contains { $0.part == part && !$0.isRepairable },
        "damage \(index): \(report)")
    }
  }

  @Test("many places of one kind are one finding that counts them")
  func counting() throws {
    let folder = try filled()
    try damage(folder) { transaction, tables in
      for face in 1...30 { try transaction.remove(UInt64(face), from: tables.faces) }
    }
    let report = try folder.open().check(recallSample: 0)
    #expect(report.findings.first { $0.part == .vectors }?.count == 30)
  }

  @Test("a torn or damaged snapshot is found and replaced", arguments: [100, 5000, -1])
  func snapshot(cut: Int) throws {
    let folder = try filled()
    var bytes = try Data(contentsOf: folder.snapshot)
    if cut < 0 { bytes[bytes.count / 2] ^= 0x55 } else { bytes = bytes.prefix(cut) }
    try bytes.write(to: folder.snapshot, options: .atomic)
    let found = try folder.open().check()
    #expect(found.findings.map(\.part) == [.index])
    #expect(try folder.open().check(repair: true).isHealthy)
    let gallery = try folder.open()
    #expect(try gallery.check().findings.isEmpty)
    #expect(try gallery.info().snapshot.state == .current)
  }

  @Test("an index that lacks a face or holds another vector is found and built anew")
  func index() throws {
    let folder = try filled()
    try damage(folder) { transaction, tables in
      let other = try #require(try transaction.value(for: 2, in: tables.vectors))
      try transaction.put(other, for: 1, in: tables.vectors)
      // As if it had been written so: what is wrong is the index.
      let bytes = try #require(try transaction.value(for: 1, in: tables.faces))
      var record = try EncodedFace(decoding: bytes)
      record.checksums?.vector = CRC32C.of(other)
      try transaction.put(record.encoded, for: 1, in: tables.faces)
    }
    let gallery = try folder.open()
    #expect(try gallery.check().findings.first?.message == "face 1 is not in the index as it is stored")
    #expect(try gallery.check(repair: true).isHealthy)
    #expect(try gallery.check().findings.isEmpty)
  }

  @Test("a gallery that is open for reading is checked and not repaired")
  func readOnly() throws {
    let folder = try filled()
    let gallery = try folder.open(GalleryOptions(access: .readOnly))
    #expect(try gallery.check().isHealthy)
    #expect(code { _ = try gallery.check(repair: true) } == .readOnly)
  }

  @Test("restore puts a backup where there is no gallery, or in the place of one when that is said")
  func restore() throws {
    let folder = try filled()
    let copy = folder.url.appending(path: "backups/monday", directoryHint: .isDirectory)
    do {
      let gallery = try folder.open()
      try gallery.backup(to: copy)
      _ = try gallery.add(Samples.faces(people: 40, each: 1))
      #expect(code { try Gallery.restore(from: copy, to: folder.gallery) } == .invalidArgument)
      #expect(code { try Gallery.restore(from: copy, to: folder.gallery, replacing: true) } == .inUse)
      #expect(try gallery.info().faces == 101)
    }
    try Gallery.restore(from: copy, to: folder.gallery, replacing: true)
    let new = folder.url.appending(path: "new", directoryHint: .isDirectory)
    try Gallery.restore(from: copy, to: new)
    for url in [folder.gallery, new] {
      let gallery = try Gallery.open(at: url, options: GalleryOptions(fingerprint: Samples.fingerprint))
      #expect(try gallery.info().faces == 61)
      #expect(try gallery.info().snapshot.state == .current)
      _ = try gallery.add(Samples.embedding(person: 70, face: 0), as: "after")
      #expect(try gallery.check().isHealthy)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "backups", "gallery", "new",
      ])
  }

  @Test("a backup with losses is refused, and the gallery stays as it was")
  func badBackup() throws {
    let folder = try filled()
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    do { try folder.open().backup(to: copy) }
    do {
      let environment = try Environment(path: copy.path(percentEncoded: false))
      let tables = try environment.openDatabases(creating: false) { try Tables($0) }
      try environment.write { transaction in _ = try transaction.remove(1, from: tables.vectors) }
    }
    #expect(code { try Gallery.restore(from: copy, to: folder.gallery, replacing: true) } == .damaged)
    #expect(try folder.open().check().isHealthy)
    let nowhere = folder.url.appending(path: "nowhere")
    #expect(code { try Gallery.restore(from: nowhere, to: folder.gallery, replacing: true) } == .notFound)
  }

  @Test("compact shrinks the files and keeps everything; nobody may have the gallery open")
  func compact() throws {
    let folder = try filled(people: 200, each: 5)
    do {
      let gallery = try folder.open()
      for person in try gallery.people().dropFirst(40) { try gallery.remove(person.id) }
      #expect(code { _ = try Gallery.compact(at: folder.gallery) } == .inUse)
    }
    let kept = try folder.open().people()
    let report = try Gallery.compact(at: folder.gallery)
    #expect(report.bytesAfter < report.bytesBefore * 2 / 3)
    let gallery = try folder.open()
    #expect(try gallery.people() == kept)
    #expect(try gallery.info().freeBytes < 100_000)
    #expect(try gallery.info().snapshot.state == .current)
    _ = try gallery.add(Samples.embedding(person: 500, face: 0), as: "after")
    #expect(try gallery.check().findings.isEmpty)
  }

  @Test("after removal and compaction no byte of name, path, picture or vector is left in any file")
  func privacy() throws {
    let folder = try filled(people: 60, each: 3)
    let embedding = try FakeEngine().faces(
      in: FakePhoto(person: 77, face: 7).image, options: DetectionOptions())[0]
      .embedding
    let picture: [UInt8]
    do {
      let gallery = try folder.openWithEngine()
      let report = try gallery.add(
        FakePhoto(person: 77, face: 7).photo("/photos/secret-path.png"), as: "Zebedee Unforgettable",
        options: EnrolmentOptions(keepThumbnails: true))
      guard case .added(let ids) = report.outcome else { throw GalleryError(.noFace, "\(report)") }
      picture = [UInt8](try #require(try gallery.thumbnail(of: ids[0])))
      try gallery.saveSnapshot()
    }
    let traces: [(String, [UInt8])] = [
      ("name", Array("Zebedee Unforgettable".utf8)), ("path", Array("secret-path".utf8)),
      ("picture", picture),
      ("vector", Array(VectorBytes.encode(embedding.values).prefix(256))),
    ]
    let data = folder.gallery.appending(path: "data.mdb")
    for (what, trace) in traces {
      #expect(
        try Data(contentsOf: data).range(of: Data(trace)) != nil, "\(what) is not where it is looked for")
    }
    #expect(try Data(contentsOf: folder.snapshot).range(of: Data(traces[3].1)) != nil)
    // A saving that was killed leaves a part of a snapshot behind.
    try FileManager.default.copyItem(
      at: folder.snapshot, to: folder.gallery.appending(path: "index.snapshot.1.partial"))
    do {
      let gallery = try folder.openWithEngine()
      let person = try #require(try gallery.person(named: "Zebedee Unforgettable"))
      try gallery.remove(person.id)
    }
    _ = try Gallery.compact(at: folder.gallery)
    for file in try FileManager.default.contentsOfDirectory(
      at: folder.gallery, includingPropertiesForKeys: nil)
    {
      let bytes = try Data(contentsOf: file)
      for (what, trace) in traces {
        #expect(bytes.range(of: Data(trace)) == nil, "the \(what) is left in \(file.lastPathComponent)")
      }
    }
    #expect(try folder.openWithEngine().check().findings.isEmpty)
  }
}

extension Gallery {
  /// Adds a photo through another handle, which has an engine.
  fileprivate func add(
    _ photo: Photo, as name: String, with engine: FakeEngine, in folder: TemporaryFolder
  ) throws -> PhotoReport {
    try folder.openWithEngine().add(photo, as: name)
  }
}
