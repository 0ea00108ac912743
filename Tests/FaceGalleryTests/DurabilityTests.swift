import Foundation
import Support
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import FaceGallery
@testable import GalleryStore

@Suite("Nothing half done, nothing left")
struct DurabilityTests {
  /// A gallery that was filled, saved and closed.
  private func saved(people: Int = 20, each: Int = 3) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: each))
    try gallery.saveSnapshot()
    try gallery.close()
    return folder
  }

  private func names(_ url: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }

  private func id(_ person: Int, _ gallery: Gallery) throws -> PersonID {
    try #require(try gallery.person(named: Samples.name(person))).id
  }

  // MARK: Several at once

  @Test("several people or faces are removed in one step: all of them, or none")
  func removeSeveral() throws {
    let folder = try saved()
    let gallery = try folder.open()
    let people = try (1...4).map { try id($0, gallery) }
    let before = try gallery.info()
    #expect(code { try gallery.remove(people + [PersonID(rawValue: 999)]) } == .noSuchPerson)
    #expect(code { try gallery.remove([1, 2, 999].map { FaceID(rawValue: $0) }) } == .noSuchFace)
    #expect(try gallery.info() == before)
    #expect(try gallery.remove(people + people) == 12)
    try gallery.remove([1, 1].map { FaceID(rawValue: $0) })
    #expect(try (gallery.info().people, gallery.info().faces) == (16, 47))
    try gallery.checkInvariants()
  }

  // MARK: A folder that is another one

  @Test(
    "what would be written into a folder that was replaced or moved is refused, and its index is not written")
  func replaced() throws {
    let files = FileManager.default
    for way in ["replaced", "moved", "deleted"] {
      let folder = try saved()
      let gallery = try folder.open()
      try gallery.rename(id(3, gallery), to: "Renamed")
      let other = folder.url.appending(path: "other", directoryHint: .isDirectory)
      switch way {
      case "replaced":
        try files.copyItem(at: folder.gallery, to: other)
        try files.removeItem(at: folder.gallery)
        try files.moveItem(at: other, to: folder.gallery)
      case "moved": try files.moveItem(at: folder.gallery, to: other)
      default: try files.removeItem(at: folder.gallery)
      }
      let there = way == "moved" ? other : folder.gallery
      let snapshot = try? Data(contentsOf: there.appending(path: "index.snapshot"))
      #expect(code { _ = try gallery.add(Samples.embedding(person: 50, face: 1), as: "New") } == .replaced)
      #expect(code { try gallery.removeAllPeople() } == .replaced)
      #expect(code { try gallery.saveSnapshot() } == .replaced)
      #expect(code { try gallery.checkPlace() } == .replaced)
      // Whoever asks is answered from what is open.
      #expect(try gallery.person(named: "Renamed")?.faceCount == 3)
      #expect(code { try gallery.close() } == nil)
      if way == "deleted" {
        #expect(!files.fileExists(atPath: folder.gallery.path))
        continue
      }
      #expect(try Data(contentsOf: there.appending(path: "index.snapshot")) == snapshot)
      #expect(!files.fileExists(atPath: there.appending(path: "removed").path))
      let anew = try Gallery.open(at: there, options: GalleryOptions(fingerprint: Samples.fingerprint))
      #expect(try anew.person(named: "New") == nil && anew.person(named: "Renamed") != nil)
      _ = try anew.add(Samples.embedding(person: 50, face: 1), as: "New")
      try anew.checkPlace()
    }
  }

  @Test("a folder that is replaced while a change is made gets no word that the change is on disk")
  func replacedMeanwhile() throws {
    let folder = try saved()
    let gallery = try folder.open()
    let error = code {
      try gallery.write { writer in
        try FileManager.default.moveItem(at: folder.gallery, to: folder.url.appending(path: "other"))
      }
    }
    #expect(error == .replaced)
  }

  // MARK: What is derived

  @Test("an index that cannot be saved is told at closing, as what it is; the change is on disk")
  func indexNotSaved() throws {
    let folder = try saved()
    try FileManager.default.removeItem(at: folder.snapshot)
    // No file can be put in the place of a folder.
    try FileManager.default.createDirectory(
      at: folder.snapshot.appending(path: "x"), withIntermediateDirectories: true)
    let gallery = try folder.open()
    try gallery.rename(id(3, gallery), to: "Renamed")
    let error = #expect(throws: GalleryError.self) { try gallery.close() }
    #expect(error?.code == .indexNotSaved)
    #expect(error?.message.hasPrefix("Everything is on disk but the index") == true)
    #expect(try folder.open().person(named: "Renamed")?.faceCount == 3)
  }

  @Test(
    "an index that cannot be saved in the background is counted and told once, and forgotten when it is saved"
  )
  func notSavedInBackground() throws {
    let folder = try saved()
    try FileManager.default.removeItem(at: folder.snapshot)
    try FileManager.default.createDirectory(
      at: folder.snapshot.appending(path: "x"), withIntermediateDirectories: true)
    let warnings = Mutex<[String]>([])
    let gallery = try Gallery.open(
      at: folder.gallery,
      options: GalleryOptions(fingerprint: Samples.fingerprint, changesBeforeSnapshot: 1),
      warn: { warning in warnings.withLock { $0.append(warning) } })
    // The index is looked after with every 64th change.
    func change() throws {
      for face in 0..<64 { _ = try gallery.add(Samples.embedding(person: 70, face: face), as: "Somebody") }
    }
    for failures in 1...2 {
      try change()
      #expect(try eventually { try gallery.info().index.failures == failures })
      #expect(try gallery.info().index.problem?.contains("index") == true)
    }
    #expect(warnings.withLock { $0.count } == 1)
    #expect(warnings.withLock { $0.first }?.contains("Everything is on disk but the index") == true)
    try FileManager.default.removeItem(at: folder.snapshot)
    try change()
    #expect(try eventually { try gallery.info().index.problem == nil })
    #expect(try gallery.info().index.failures == 2 && gallery.info().snapshot.bytes != nil)
    #expect(warnings.withLock { $0.count } == 1)
    try gallery.close()
  }

  @Test("neighbours that only a wider search finds are a remark, not damage; faces out of reach are damage")
  func lowRecall() throws {
    var random = SplitMix64(1)
    let narrow = try HNSWIndex(HNSWIndex.Configuration(dimension: 64, M: 3, efConstruction: 8))
    for key in 1...1500 {
      try narrow.add((0..<64).map { _ in random.normal() }, keys: [UInt64(key)])
    }
    var report = HealthReport()
    let problem = try Gallery.checkRecall(of: narrow, sample: 50, &report)
    #expect(try #require(report.recall) < 0.9)
    // Either the graph holds together, and a wider search finds them, or it does not; both are told apart.
    let widest = try narrow.measureRecall(sample: 50, k: 10, ef: narrow.count).recall
    #expect((problem == nil) == (widest >= 0.9))
    #expect(report.remarks.count == (widest >= 0.9 ? 1 : 0))
    #expect(report.isHealthy)
  }

  // MARK: Compact

  @Test("a compaction that is refused has changed nothing: neither log nor snapshot nor any other file")
  func refusedCompaction() throws {
    let folder = try saved()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 30, each: 1))
    func files() throws -> [String: Data] {
      var files: [String: Data] = [:]
      for name in try names(folder.gallery) where name != "lock.mdb" {
        files[name] = try Data(contentsOf: folder.gallery.appending(path: name))
      }
      return files
    }
    let before = try files()
    #expect(code { _ = try Gallery.compact(at: folder.gallery) } == .inUse)
    #expect(try files() == before)
  }

  @Test("a compaction notices what was changed while it copied")
  func changedMeanwhile() throws {
    let folder = try saved()
    let target = GalleryFolder(folder.gallery)
    let state = try target.files.state()
    do { _ = try folder.open().add(Samples.embedding(person: 90, face: 0), as: "Late") }
    let copy = try NewFolder(folder.path + "/copy")
    try Data([1]).write(to: URL(filePath: copy.temporaryPath + "/data.mdb"))
    #expect(throws: (any Error).self) {
      _ = try target.take(from: copy, snapshotFirst: true, replacing: state)
    }
    #expect(try folder.open().person(named: "Late") != nil)
  }

  // MARK: Leftovers

  @Test(
    "what killed processes left goes when a writer opens the gallery, and is told; what is being written stays"
  )
  func leftovers() throws {
    let folder = try saved()
    let path = folder.gallery.path(percentEncoded: false)
    let left = [
      "compacting.17-0123abcd.partial", "data.mdb.partial", "index.snapshot.17.partial",
      "restoring.4194305.partial",
    ]
    for name in left where !name.hasPrefix("data") && !name.hasPrefix("index") {
      try FileManager.default.createDirectory(
        atPath: path + "/" + name + "/new", withIntermediateDirectories: true)
    }
    for name in ["data.mdb.partial", "index.snapshot.17.partial", "restoring.4194305.partial/new/data.mdb"] {
      try Data("removed name".utf8).write(to: URL(filePath: path + "/" + name))
    }
    let living = try NewFolder(path + "/restoring")
    do { #expect(try folder.open(GalleryOptions(access: .readOnly)).clearedLeftovers.isEmpty) }
    #expect(try folder.open().clearedLeftovers == left)
    #expect(FileManager.default.fileExists(atPath: living.temporaryPath))
    #expect(try folder.open().clearedLeftovers.isEmpty)
    _ = consume living
    #expect(try names(folder.gallery) == ["data.mdb", "index.lock", "index.snapshot", "lock.mdb"])
  }

  // MARK: Backup and restore

  /// The places in a file where a quarter of a vector is.
  private func traces(of vector: [UInt8], in file: URL) throws -> Int {
    let bytes = try Data(contentsOf: file)
    return stride(from: 0, to: vector.count, by: 128).count {
      bytes.range(of: Data(vector[$0..<$0 + 128])) != nil
    }
  }

  @Test("nobody who was removed before is in a backup, also while the index on disk still holds them")
  func backupWithoutRemoved() throws {
    let folder = try saved(people: 60)
    let gallery = try folder.open()
    // Names that are nowhere else in the files by chance, nor a part of another one.
    let (goneName, staysName) = ("Quetzalcoatl Unmistakable", "Xochiquetzal Unmistakable")
    try gallery.rename(id(7, gallery), to: goneName)
    try gallery.rename(id(8, gallery), to: staysName)
    func isNamed(_ name: String, in file: URL) throws -> Bool {
      try Data(contentsOf: file).range(of: Data(name.utf8)) != nil
    }
    let database = folder.gallery.appending(path: "data.mdb")
    #expect(try isNamed(goneName, in: database) && isNamed(staysName, in: database), "nothing is tested")
    let gone = VectorBytes.encode(try Samples.embedding(person: 7, face: 1).values)
    let stays = VectorBytes.encode(try Samples.embedding(person: 8, face: 1).values)
    try gallery.remove(try #require(try gallery.person(named: goneName)).id)
    #expect(try traces(of: gone, in: folder.snapshot) == 4, "nothing is tested")
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    try gallery.backup(to: copy)
    #expect(try names(copy) == ["data.mdb", "index.snapshot"])
    for name in try names(copy) {
      #expect(try traces(of: gone, in: copy.appending(path: name)) == 0, "\(name)")
      #expect(try traces(of: stays, in: copy.appending(path: name)) == 4, "\(name)")
      #expect(try !isNamed(goneName, in: copy.appending(path: name)), "\(name)")
    }
    #expect(try isNamed(staysName, in: copy.appending(path: "data.mdb")))
    let restored = try Gallery.open(at: copy, options: GalleryOptions(fingerprint: Samples.fingerprint))
    #expect(try restored.info().snapshot.state == .current)
    #expect(try restored.check().findings.isEmpty)
  }

  @Test("an index far behind a removal is left out of a copy, whole")
  func longTail() throws {
    let folder = try saved()
    let session = try Session(
      LMDBStore(at: folder.gallery, access: .existing), at: folder.gallery,
      options: GalleryOptions(fingerprint: Samples.fingerprint))
    // Closing it would save the index.
    let gallery = try folder.open()
    try gallery.remove(id(7, gallery))
    let copy = try NewFolder(folder.path + "/copy")
    #expect(try session.copy(into: copy.temporaryPath, longestTail: 1).count == 1)
    #expect(try names(URL(filePath: copy.temporaryPath)) == ["data.mdb"])
  }

  @Test("an index of another moment, or a part of one, is not restored, and that is told")
  func mixedBackup() throws {
    let folder = try saved()
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    do { try folder.open().backup(to: copy) }
    let snapshot = copy.appending(path: "index.snapshot")
    let whole = try Data(contentsOf: snapshot)
    do { _ = try folder.open().add(Samples.faces(people: 40, each: 1)) }
    let later = try Data(contentsOf: folder.snapshot)
    var flipped = whole
    flipped[whole.count * 2 / 3] ^= 1
    for bytes in [later, whole.prefix(whole.count / 2), flipped] {
      try bytes.write(to: snapshot)
      #expect(try Gallery.restore(from: copy, to: folder.gallery, replacing: true).count == 1)
      #expect(!FileManager.default.fileExists(atPath: folder.snapshot.path))
      let gallery = try folder.open()
      #expect(try gallery.info().faces == 60)
      #expect(try gallery.check().isHealthy)
    }
    try whole.write(to: snapshot)
    #expect(try Gallery.restore(from: copy, to: folder.gallery, replacing: true).isEmpty)
    #expect(try Data(contentsOf: folder.snapshot) == whole)
  }

  @Test("a gallery whose data.mdb is lost is restored where that is asked for; its keys stay")
  func lostDatabase() throws {
    let folder = try saved()
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    do { try folder.open().backup(to: copy) }
    let keys = folder.gallery.appending(path: "keys.json")
    try Data("{}".utf8).write(to: keys)
    try FileManager.default.removeItem(at: folder.gallery.appending(path: "data.mdb"))
    let refused = #expect(throws: GalleryError.self) {
      try Gallery.restore(from: copy, to: folder.gallery)
    }
    #expect(refused?.code == .invalidArgument)
    #expect(refused?.message.contains("index.lock, index.snapshot, keys.json, lock.mdb are left") == true)
    #expect(try Gallery.restore(from: copy, to: folder.gallery, replacing: true).isEmpty)
    #expect(try folder.open().info().faces == 60)
    #expect(try Data(contentsOf: keys) == Data("{}".utf8))
    // Somebody's own files are not a gallery's.
    let other = folder.url.appending(path: "other", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    try Data().write(to: other.appending(path: "thesis.txt"))
    #expect(code { try Gallery.restore(from: copy, to: other, replacing: true) } == .invalidArgument)
  }

  @Test("a restoration that is refused has copied nothing")
  func refusedRestoration() throws {
    let folder = try saved()
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    let gallery = try folder.open()
    try gallery.backup(to: copy)
    let before = try names(folder.gallery)
    #expect(code { try Gallery.restore(from: copy, to: folder.gallery, replacing: true) } == .inUse)
    #expect(try names(folder.gallery) == before)
    #expect(try gallery.info().faces == 60)
  }

  // MARK: Modes

  @Test("what holds faces is its owner's alone, whatever the umask")
  func modes() throws {
    let before = umask(0)
    defer { umask(before) }
    let folder = try saved()
    let copy = folder.url.appending(path: "backups/copy", directoryHint: .isDirectory)
    do { try folder.open().backup(to: copy) }
    _ = try Gallery.compact(at: folder.gallery)
    let new = folder.url.appending(path: "new", directoryHint: .isDirectory)
    try Gallery.restore(from: copy, to: new)
    let gallery = try folder.open()
    for format in EmbeddingFormat.allCases {
      let exports = folder.url.appending(path: "exports-\(format.rawValue)")
      try FileManager.default.createDirectory(at: exports, withIntermediateDirectories: true)
      let name = format == .jsonLines ? "a.jsonl" : format == .safetensors ? "a.safetensors" : "a.npy"
      for path in try gallery.exportEmbeddings(to: exports.appending(path: name), format: format).files {
        #expect(FileMode.of(path) == 0o600, "\(path)")
      }
    }
    for url in [copy.deletingLastPathComponent(), copy, new] {
      #expect(FileMode.of(url.path) == 0o700, "\(url.lastPathComponent)")
    }
    for url in [copy, new, folder.gallery] {
      for name in ["index.snapshot"] { #expect(FileMode.of(url.path + "/" + name) == 0o600, "\(name)") }
    }
  }
}

@Suite("An array and its names")
struct PairTests {
  /// Two exports of the same size, of different faces.
  private func exports(
    _ folder: TemporaryFolder, _ format: EmbeddingFormat
  ) throws -> (old: [String: Data], new: [String: Data], order: [String]) {
    var found: [[String: Data]] = []
    var order: [String] = []
    for round in 0..<2 {
      let gallery = try Gallery.open(
        at: folder.url.appending(path: "from\(round)"),
        options: GalleryOptions(fingerprint: Samples.fingerprint))
      for person in 0..<5 {
        _ = try gallery.add(
          Samples.embedding(person: person + round, face: 0), as: Samples.name(person + round))
      }
      let report = try gallery.exportEmbeddings(to: folder.url.appending(path: "a.npy"), format: format)
      order = report.files.reversed().map { URL(filePath: $0).lastPathComponent }
      var files: [String: Data] = [:]
      for name in order { files[name] = try Data(contentsOf: folder.url.appending(path: name)) }
      found.append(files)
    }
    return (found[0], found[1], order)
  }

  /// Takes an export in, and says whether all names are those of their vectors; nil when it is refused.
  private func taken(_ folder: TemporaryFolder) throws -> (isRight: Bool, warnings: Int)? {
    let gallery = try Gallery.open(at: folder.url.appending(path: UUID().uuidString))
    let report: ImportReport
    do {
      report = try gallery.importEmbeddings(from: folder.url.appending(path: "a.npy"))
    } catch {
      #expect([.wrongPair, .wrongShape].contains(error.code), "\(error)")
      #expect(try gallery.info().faces == 0)
      return nil
    }
    var isRight = true
    for person in try gallery.people() {
      let number = try #require(Int(person.name.split(separator: " ")[1]))
      for face in try gallery.faces(of: person.id) {
        let own = try #require(try gallery.embedding(of: face.id))
        if try own.cosineSimilarity(to: Samples.embedding(person: number, face: 0)) < 0.999 {
          isRight = false
        }
      }
    }
    return (isRight, report.warnings.count)
  }

  @Test(
    "an export that was killed between its files is refused, never taken with another one's names",
    arguments: [EmbeddingFormat.npy, .npyCSV])
  func everyMoment(format: EmbeddingFormat) throws {
    let folder = try TemporaryFolder()
    let (old, new, order) = try exports(folder, format)
    for done in 0...order.count {
      for (place, name) in order.enumerated() {
        let bytes = try #require((place < done ? new : old)[name])
        try bytes.write(to: folder.url.appending(path: name))
      }
      let outcome = try taken(folder)
      let isWhole = done == 0 || done == order.count
      #expect(outcome?.isRight == (isWhole ? true : nil), "\(done) of \(order) in place")
      if isWhole { #expect(outcome?.warnings == 0) }
    }
  }

  @Test("older exports, which do not say of which array they are, are taken with a warning")
  func older() throws {
    let folder = try TemporaryFolder()
    let (_, new, order) = try exports(folder, .npy)
    let sidecar = try #require(order.first)
    let text = String(decoding: try #require(new[sidecar]), as: UTF8.self)
    let cut = try #require(text.range(of: ",\"arraySHA256\""))
    try Data((text[..<cut.lowerBound] + "}\n").utf8).write(to: folder.url.appending(path: sidecar))
    let outcome = try taken(folder)
    #expect(outcome?.isRight == true && outcome?.warnings == 1)
  }

  @Test("names of an older export in another form are not left to be taken for those of this one")
  func otherForm() throws {
    let folder = try TemporaryFolder()
    _ = try exports(folder, .npy)
    let names = folder.url.appending(path: "a.json")
    #expect(FileManager.default.fileExists(atPath: names.path))
    _ = try exports(folder, .npyCSV)
    #expect(!FileManager.default.fileExists(atPath: names.path))
    #expect(try taken(folder)?.isRight == true)
    try Data(#"["my", "own", "list", "of", "names"]"#.utf8).write(to: names)
    #expect(code { _ = try exports(folder, .npyCSV) } == .invalidArgument)
  }

  @Test("a flipped bit in an array is found before anything of it is taken")
  func flipped() throws {
    let folder = try TemporaryFolder()
    let (_, new, _) = try exports(folder, .npy)
    var array = try #require(new["a.npy"])
    array[400] ^= 4
    try array.write(to: folder.url.appending(path: "a.npy"))
    #expect(try taken(folder) == nil)
  }
}
