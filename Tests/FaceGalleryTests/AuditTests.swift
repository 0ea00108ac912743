import FaceEngine
import Foundation
import LMDB
import Support
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("The audit log")
struct AuditTests {
  private func log(_ folder: TemporaryFolder) -> URL { folder.gallery.appending(path: "audit.jsonl") }

  private func lines(_ folder: TemporaryFolder) throws -> [String] {
    String(decoding: try Data(contentsOf: log(folder)), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func error(_ body: () throws -> Void) -> GalleryError? {
    do {
      try body()
      return nil
    } catch {
      return error as? GalleryError
    }
  }

  private func entries(_ gallery: Gallery) throws -> [AuditEntry] {
    var entries: [AuditEntry] = []
    #expect(try gallery.verifyAudit { entries.append($0) }.problems.isEmpty)
    return entries
  }

  /// A gallery with a log of five lines.
  private func logged(_ folder: TemporaryFolder) throws -> Gallery {
    let gallery = try folder.open()
    try gallery.setAudit(true)
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    _ = try gallery.rename(PersonID(rawValue: 1), to: "Zebedee Unforgettable")
    try gallery.remove(FaceID(rawValue: 2))
    try gallery.tag(PersonID(rawValue: 3), ["team": "red"])
    return gallery
  }

  @Test("each change is a line: who, when and what by numbers, and no name")
  func changes() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.embedding(person: 9, face: 0), as: "Before")
    try gallery.setAudit(true)
    try gallery.setAudit(true)
    let origin = AuditOrigin(who: "key:3f0c91ab", by: "PATCH /api/v1/people/{person}")
    _ = try AuditOrigin.$current.withValue(origin) {
      try gallery.rename(PersonID(rawValue: 1), to: "Zebedee Unforgettable")
    }
    _ = try gallery.add(Samples.faces(people: 2, each: 2))
    try gallery.move([FaceID(rawValue: 2)], to: .named("Zebedee Unforgettable"))
    try gallery.remove(PersonID(rawValue: 3))
    try gallery.tag(FaceID(rawValue: 2), ["seen": "yes"])
    _ = try gallery.removeAllPeople()
    _ = try gallery.undo()
    _ = try gallery.query(Samples.embedding(person: 0, face: 4), options: byPerson(k: 1))
    try gallery.setAudit(false)
    _ = try gallery.add(Samples.embedding(person: 5, face: 0), as: "Unseen")
    try gallery.setAudit(true)

    let entries = try entries(gallery)
    #expect(entries.map(\.number) == Array(1...10))
    #expect(
      entries.map(\.event)
        == [.on, .change, .change, .change, .change, .change, .change, .change, .off, .on])
    #expect(entries[1].who == origin.who && entries[1].by == origin.by)
    #expect(entries[1].peopleChanged == 1 && entries[1].people == [[1, 1]] && entries[1].faces == nil)
    #expect(entries[2].who == AuditOrigin.ofProcess.who && entries[2].who.hasPrefix("user:"))
    #expect(entries[2].facesAdded == 4 && entries[2].peopleAdded == 2)
    #expect(entries[2].faces == [[2, 5]] && entries[2].people == [[2, 3]] && entries[2].totalFaces == 5)
    #expect(entries[3].facesMoved == 1 && entries[3].people == [[1, 1]])
    #expect(entries[4].peopleRemoved == 1 && entries[4].facesRemoved == 2)
    #expect(entries[6].everything == true && entries[6].totalFaces == 0)
    #expect(entries[7].facesAdded == 3 && entries[7].totalFaces == 3)
    for (before, after) in zip(entries[..<9], entries.dropFirst()) {
      #expect(after.previous == before.sha256 && (after.after == before.through || before.event == .off))
      #expect(after.time >= before.time)
    }
    let text = String(decoding: try Data(contentsOf: log(folder)), as: UTF8.self)
    for word in ["Zebedee", "Person", "Unseen", "team", "seen"] { #expect(!text.contains(word), "\(word)") }
    let mode = try FileManager.default.attributesOfItem(atPath: log(folder).path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.auditState().sha256 == entries.last?.sha256)
  }

  @Test("a byte that is changed is found, in its line")
  func bytes() throws {
    let folder = try TemporaryFolder()
    let gallery = try logged(folder)
    let whole = try Data(contentsOf: log(folder))
    var line = 1
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1
      try bytes.write(to: log(folder))
      let report = try gallery.verifyAudit()
      #expect(report.problems.count == 1 && report.problems.first?.line == line, "byte \(place)")
      if whole[place] == 0x0A { line += 1 }
    }
    try whole.write(to: log(folder))
    #expect(try entries(gallery).count == 5)
  }

  @Test(
    "lines that are taken out, doubled, moved, changed with a right digest, or added are found",
    arguments: ["first", "middle", "swap", "double", "forge", "more", "all", "empty", "two", "three"])
  func lines(word: String) throws {
    let folder = try TemporaryFolder()
    let gallery = try logged(folder)
    var lines = try lines(folder)
    var wrong: Int? = 2
    switch word {
    case "first":
      lines.removeFirst()
      wrong = 1
    case "middle": lines.remove(at: 1)
    case "swap": lines.swapAt(1, 2)
    case "double": lines.insert(lines[1], at: 1); wrong = 3
    case "forge":
      var entry = try #require(AuditLine.decode(lines[1].utf8))
      entry.facesAdded = 1
      lines[1] = try AuditLine.encode(entry).text
      wrong = 3
    case "more":
      let last = try #require(AuditLine.decode(lines[4].utf8))
      let more = AuditEntry(
        number: 6, origin: .ofProcess, event: .change, after: last.through, through: last.through,
        totalFaces: 5, totalPeople: 3, previous: try #require(last.sha256))
      lines.append(try AuditLine.encode(more).text)
      wrong = 6
    case "all": wrong = nil
    case "empty":
      lines = []
      wrong = 1
    case "two": (lines, wrong) = (Array(lines[..<3]), 4)
    default: (lines, wrong) = (Array(lines[..<2]), 3)
    }
    if word == "all" {
      try FileManager.default.removeItem(at: log(folder))
    } else {
      try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: log(folder))
    }
    let report = try gallery.verifyAudit()
    #expect(report.problems.map(\.line) == [wrong], "\(report.problems)")
    let finding = try gallery.check().findings.first { $0.part == .audit }
    #expect(finding?.remedy == .beginAudit && finding?.isRepaired == false)
    // Nothing is changed that cannot be noted.
    if ["all", "empty", "two", "three", "more"].contains(word) {
      let refused = error { _ = try gallery.rename(PersonID(rawValue: 2), to: "Other") }
      #expect(refused?.code == .auditLog && refused?.message.contains("audit verify") == true)
      #expect(try gallery.person(named: "Other") == nil)
    }
    // Put aside, it is begun anew.
    try? FileManager.default.removeItem(at: log(folder))
    try gallery.setAudit(true)
    _ = try gallery.rename(PersonID(rawValue: 2), to: "Other")
    #expect(try entries(gallery).map(\.event) == [.on, .change])
  }

  @Test(
    "the line of a process that was killed before it wrote it is told of, and written by the next",
    arguments: 0...4)
  func killed(lost: Int) throws {
    let folder = try TemporaryFolder()
    var gallery: Gallery? = try logged(folder)
    let whole = try Data(contentsOf: log(folder))
    let last: Int = try #require(try lines(folder).last).utf8.count + 1
    // Nothing of it, a part of it, or all but its line feed.
    let there: [Int] = [0, 1, last / 2, last - 2, last - 1]
    let kept: Int = whole.count - last + there[lost]
    try whole.prefix(kept).write(to: log(folder))
    let report = try #require(try gallery?.verifyAudit())
    #expect(report.problems.isEmpty && report.lines == 4 && report.remarks.first?.contains("Line 5") == true)
    #expect(try gallery?.check().remarks.contains { $0.contains("Line 5") } == true)
    if lost.isMultiple(of: 2) {
      // By the next change.
      try gallery?.remove(FaceID(rawValue: 1))
      #expect(try Data(contentsOf: log(folder)).starts(with: whole))
    } else {
      try gallery?.close()
      gallery = nil
      gallery = try folder.open()
      #expect(try Data(contentsOf: log(folder)) == whole)
    }
    // Who opened it and found that says so.
    let remarks = try #require(try gallery?.verifyAudit().remarks)
    #expect(remarks.count == (lost.isMultiple(of: 2) ? 0 : 1), "\(remarks)")
    #expect(remarks.allSatisfy { $0.contains("Line 5 was missing") && $0.contains("put back") })
  }

  @Test("changes by a program that keeps no log are missed")
  func unlogged() throws {
    let folder = try TemporaryFolder()
    let gallery = try logged(folder)
    let store = try LMDBStore(at: folder.gallery, access: .existing)
    try store.environment.write { transaction in
      let log = try store.begin(transaction)
      let writer = LMDBWriter(store: store, raw: transaction.raw, log: log)
      try writer.removeEmptied(writer.insert(PersonName("Ghost")))
      try writer.writeLog()
    }
    let before = try gallery.auditState().through
    #expect(try gallery.verifyAudit().problems.first?.message.contains("Changes \(before + 1) to") == true)
    try gallery.remove(FaceID(rawValue: 1))
    let report = try gallery.verifyAudit()
    #expect(report.problems.map(\.line) == [6] && report.lines == 6)
  }

  @Test("compaction and restored backups go on with the log; a backup has none")
  func copies() throws {
    let folder = try TemporaryFolder()
    var gallery: Gallery? = try logged(folder)
    let backup = folder.url.appending(path: "backup")
    try gallery?.backup(to: backup)
    #expect(try Gallery.open(at: backup).auditState() == AuditState(nil))
    #expect(!FileManager.default.fileExists(atPath: backup.appending(path: "audit.jsonl").path))
    try gallery?.remove(FaceID(rawValue: 1))
    gallery = nil
    _ = try Gallery.compact(at: folder.gallery)
    #expect(try lines(folder).count == 7)
    try Gallery.restore(from: backup, to: folder.gallery, replacing: true)
    #expect(try lines(folder).count == 8)
    let again = try folder.open()
    try again.remove(FaceID(rawValue: 3))
    let entries = try entries(again)
    #expect(
      entries.map(\.event)
        == [.on, .change, .change, .change, .change, .change, .compaction, .restoration, .change])
    #expect(try again.check().isHealthy)
  }

  @Test(
    "compaction and restoring are refused while the file is not what was written, and change nothing",
    arguments: ["gone", "cut", "behind", "link"])
  func refusedCopies(word: String) throws {
    let folder = try TemporaryFolder()
    var gallery: Gallery? = try logged(folder)
    let backup = folder.url.appending(path: "backup")
    try gallery?.backup(to: backup)
    gallery = nil
    let whole = try Data(contentsOf: log(folder))
    switch word {
    case "gone": try FileManager.default.removeItem(at: log(folder))
    case "cut": try Data(try lines(folder).prefix(3).map { $0 + "\n" }.joined().utf8).write(to: log(folder))
    case "behind": try (whole + Data("x".utf8)).write(to: log(folder))
    default:
      let target = folder.url.appending(path: "other")
      try FileManager.default.moveItem(at: log(folder), to: target)
      try FileManager.default.createSymbolicLink(at: log(folder), withDestinationURL: target)
    }
    #expect(error { _ = try Gallery.compact(at: folder.gallery) }?.code == .auditLog)
    #expect(
      error { _ = try Gallery.restore(from: backup, to: folder.gallery, replacing: true) }?.code == .auditLog)
    gallery = try folder.open()
    let state = try gallery?.auditState()
    #expect(state?.isOn == true && state?.lines == 5)
    #expect(try gallery?.verifyAudit().problems.count == 1)
    gallery = nil
    // Put right, both go on.
    try? FileManager.default.removeItem(at: log(folder))
    try whole.write(to: log(folder))
    _ = try Gallery.compact(at: folder.gallery)
    try Gallery.restore(from: backup, to: folder.gallery, replacing: true)
    #expect(try entries(folder.open()).suffix(2).map(\.event) == [.compaction, .restoration])
  }

  @Test("compaction and restoring leave a log that is off as it is, and its chain goes on")
  func switchedOff() throws {
    let folder = try TemporaryFolder()
    var gallery: Gallery? = try logged(folder)
    try gallery?.setAudit(false)
    let backup = folder.url.appending(path: "backup")
    try gallery?.backup(to: backup)
    gallery = nil
    _ = try Gallery.compact(at: folder.gallery)
    try Gallery.restore(from: backup, to: folder.gallery, replacing: true)
    let again = try folder.open()
    #expect(try again.auditState().isOn == false)
    #expect(try entries(again).count == 6)
    try again.setAudit(true)
    #expect(try entries(again).suffix(2).map(\.event) == [.off, .on])
  }

  @Test("the log verifies after another gallery's backup was restored", arguments: [false, true])
  func otherGallery(isLost: Bool) throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    var gallery: Gallery? = try logged(folder)
    try gallery?.close()
    gallery = nil
    let backup = other.url.appending(path: "backup")
    let source = try other.open()
    _ = try source.add(Samples.faces(people: 2, each: 1))
    try source.backup(to: backup)
    if isLost { try FileManager.default.removeItem(at: folder.gallery.appending(path: "data.mdb")) }
    for _ in 1...2 { try Gallery.restore(from: backup, to: folder.gallery, replacing: true) }
    let again = try folder.open()
    try again.remove(FaceID(rawValue: 1))
    #expect(
      try entries(again).map(\.event)
        == [.on, .change, .change, .change, .change, .restoration, .restoration, .change])
    #expect(try again.check().isHealthy)
  }

  @Test("faces whose tags, path or group change are listed, and who has no name is no person")
  func changedFaces() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 2))
    let store = try LMDBStore(at: folder.gallery, access: .existing)
    var strangers: [FaceID] = []
    for number in 0..<3 {
      let embedding = try Samples.embedding(person: 7, face: number)
      strangers.append(try store.write { try $0.add(embedding, as: nil) })
    }
    try gallery.setAudit(true)
    _ = try gallery.ignore(strangers)
    try gallery.tag(FaceID(rawValue: 1), ["seen": "yes"])
    try store.write { try $0.setPath("new/place.jpg", of: FaceID(rawValue: 2)) }
    let (both, one) = ([Array(strangers[..<2])], [Array(strangers[..<1])])
    try store.write { try $0.setGroups(both) }
    try store.write { try $0.setGroups(one) }
    try gallery.remove(FaceID(rawValue: 1))
    try store.change { $0.log.purge() }

    let entries = try entries(gallery)
    let counts: [Int?] = [nil, 3, 1, 1, 2, 1, nil, nil]
    #expect(entries.map(\.facesChanged) == counts)
    let runs: [[[UInt64]]?] = [nil, [[5, 7]], [[1, 1]], [[2, 2]], [[5, 6]], [[6, 6]], [[1, 1]], nil]
    #expect(entries.map(\.faces) == runs)
    #expect(entries[1].people == nil && entries[1].peopleChanged == nil)
    #expect(entries[2].people == [[1, 1]] && entries[2].peopleChanged == 1)
    #expect(entries[6].facesRemoved == 1 && entries[6].purged == nil && entries[7].purged == true)
    let text = String(decoding: try Data(contentsOf: log(folder)), as: UTF8.self)
    #expect(text.contains(#""faces_changed":3"#) && text.contains(#""purged":true"#))
  }

  @Test("who comes back is added, as who was removed was removed, and what was purged is told")
  func comings() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    try gallery.setAudit(true)
    let people = try gallery.people()
    try gallery.remove([people[0], people[1]])
    try gallery.undo()
    try gallery.remove(people[2])
    try gallery.removeAllPeople(purge: true)
    let entries = try entries(gallery)
    #expect(entries.map(\.peopleRemoved) == [nil, 2, nil, 1, nil])
    #expect(entries.map(\.peopleAdded) == [nil, nil, 2, nil, nil])
    #expect(entries.map(\.peopleChanged) == [nil, nil, nil, nil, nil])
    #expect(entries.map(\.totalPeople) == [3, 1, 3, 2, 0])
    #expect(entries.map(\.purged) == [nil, nil, nil, nil, true])
  }

  @Test("what is no file with bytes of its own is refused and told", arguments: ["pipe", "folder", "link"])
  func special(word: String) throws {
    let folder = try TemporaryFolder()
    let gallery = try logged(folder)
    let place = folder.url.appending(path: "whole")
    try FileManager.default.moveItem(at: log(folder), to: place)
    switch word {
    case "pipe":
      let made = mkfifo(log(folder).path, 0o600)
      #expect(made == 0)
    case "folder":
      try FileManager.default.createDirectory(at: log(folder), withIntermediateDirectories: false)
    default: try FileManager.default.createSymbolicLink(at: log(folder), withDestinationURL: place)
    }
    let refused = error { _ = try gallery.remove(FaceID(rawValue: 1)) }
    #expect(refused?.code == .auditLog)
    #expect(refused?.message.contains("galleryctl audit verify") == true, "\(String(describing: refused))")
    let problems = try gallery.verifyAudit().problems
    let fault = word == "link" ? "is a link" : "is no regular file"
    #expect(problems.count == 1 && problems.first?.message.contains(fault) == true, "\(problems)")
    #expect(try gallery.check().findings.contains { $0.part == .audit })
    #expect(try folder.open().info().faces == 5)
    try FileManager.default.removeItem(at: log(folder))
    try FileManager.default.moveItem(at: place, to: log(folder))
    #expect(try entries(gallery).count == 5)
  }

  @Test("a file that somebody has locked holds up no reading, and no change for long")
  func locked() throws {
    let folder = try TemporaryFolder()
    let gallery = try logged(folder)
    let whole = try Data(contentsOf: log(folder))
    let descriptor = open(log(folder).path, O_RDONLY | O_CLOEXEC)
    let isLocked = flock(descriptor, LOCK_EX) == 0
    #expect(isLocked)
    let refused = error { _ = try gallery.remove(FaceID(rawValue: 1)) }
    #expect(refused?.code == .auditLog && refused?.message.contains("locked by another program") == true)
    #expect(try gallery.info().faces == 5)
    // A line is missing, too, which whoever opens the gallery would write.
    try whole.dropLast().write(to: log(folder))
    #expect(try folder.open().verifyAudit().remarks.count == 1)
    #expect(try Data(contentsOf: log(folder)) == whole.dropLast())
    close(descriptor)
    try gallery.remove(FaceID(rawValue: 1))
    #expect(try entries(gallery).count == 6)
  }

  @Test("many writers leave a whole chain")
  func writers() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    try gallery.setAudit(true)
    let other = try folder.open()
    DispatchQueue.concurrentPerform(iterations: 24) { number in
      let embedding = try? Samples.embedding(person: number, face: 0)
      guard let embedding else { return }
      _ = try? (number.isMultiple(of: 2) ? gallery : other).add(embedding, as: "Person \(number)")
    }
    #expect(try entries(gallery).count == 25)
    #expect(try gallery.info().faces == 24)
  }

  @Test("a link is not followed")
  func link() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let target = folder.url.appending(path: "other")
    try Data("mine".utf8).write(to: target)
    try FileManager.default.createSymbolicLink(at: log(folder), withDestinationURL: target)
    #expect(error { try gallery.setAudit(true) }?.code == .auditLog)
    #expect(try Data(contentsOf: target) == Data("mine".utf8))
  }
}
