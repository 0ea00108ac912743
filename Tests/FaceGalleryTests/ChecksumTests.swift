import Foundation
import LMDB
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Checksums of records")
struct ChecksumTests {
  /// Thrown at the end of a transaction whose changes must not stay.
  private struct Undone: Error {}

  private func filled() throws -> (TemporaryFolder, Gallery) {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    _ = try gallery.add(Samples.faces(people: 3, each: 1))
    _ = try gallery.add(
      [NamedPhoto(FakePhoto(person: 9, face: 1).photo("9.png"), name: "With picture")],
      options: EnrolmentOptions(keepThumbnails: true))
    try gallery.tag(#require(try gallery.person(named: Samples.name(1))).id, ["team": "red"])
    return (folder, gallery)
  }

  /// Flips every bit of a value, one at a time, and says which flips `check` does not see.
  private func unseenFlips<Key>(
    _ key: Key, in table: Database<Key, [UInt8]>, of gallery: Gallery
  ) throws -> [Int] {
    var unseen: [Int] = []
    do {
      try gallery.perform { session in
        try session.files().change { transaction in
          let value = try #require(try transaction.value(for: key, in: table))
          for bit in 0..<8 * value.count {
            var damaged = value
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try transaction.put(damaged, for: key, in: table)
            var check = StoreCheck()
            do {
              try check.run(transaction)
              if check.report.isHealthy, check.report.withoutChecksum == 0 { unseen.append(bit) }
            } catch let error as GalleryError where error.code == .damaged {}
          }
          throw Undone()
        }
      }
    } catch {
      #expect(error.code == .storage)
    }
    return unseen
  }

  @Test("check sees every flipped bit of every kind of record")
  func flips() throws {
    let (folder, gallery) = try filled()
    defer { withExtendedLifetime(folder) {} }
    #expect(try gallery.check().withoutChecksum == 0)
    let tables = try gallery.perform { try $0.files().tables }
    #expect(try unseenFlips(2, in: tables.persons, of: gallery) == [])
    #expect(try unseenFlips(1, in: tables.faces, of: gallery) == [])
    #expect(try unseenFlips(4, in: tables.faces, of: gallery) == [])
    #expect(try unseenFlips(2, in: tables.vectors, of: gallery) == [])
    #expect(try unseenFlips(3, in: tables.changes, of: gallery) == [])
    for key in ["counters", "fingerprint", "operatingPoint", "uuid", "created", "format", "headChecksum"] {
      #expect(try unseenFlips(key, in: tables.meta, of: gallery) == [], "\(key)")
    }
    #expect(try unseenFlips(4, in: #require(tables.thumbnails), of: gallery) == [])
    let tag = TagOwner.person(PersonID(rawValue: 2)).prefix + Array("team".utf8)
    #expect(try unseenFlips(tag, in: #require(tables.tags), of: gallery) == [])
    #expect(try gallery.check().findings.isEmpty)
  }

  @Test("a flipped bit of the file is found by the gallery's next opening, named, and kept from answers")
  func flippedFile() throws {
    let (folder, gallery) = try filled()
    let vector = try #require(
      try gallery.perform { session in
        try session.files().view { try $0.value(for: 2, in: $0.tables.vectors) }
      })
    try gallery.close()
    let file = folder.gallery.appending(path: "data.mdb")
    var bytes = try Data(contentsOf: file)
    var search = bytes.startIndex..<bytes.endIndex
    var places = 0
    // Copies of pages that are not used any more may hold it as well.
    while let place = bytes.range(of: Data(vector), in: search) {
      bytes[place.lowerBound + 77] ^= 0x01
      places += 1
      search = place.upperBound..<bytes.endIndex
    }
    #expect(places > 0)
    try bytes.write(to: file)
    let report = try folder.open().check(recallSample: 0)
    let finding = try #require(report.findings.first { $0.part == .vectors })
    #expect(finding.message == "the vector of face 2 is not what was written")
    #expect(!finding.isRepairable && finding.remedy != .repair)
    // What could not be restored is no backup.
    let backup = folder.url.appending(path: "backup")
    let error = try #require(throws: GalleryError.self) { try folder.open().backup(to: backup) }
    #expect(error.code == .damaged && error.message.contains(finding.message))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasPrefix("backup") })
  }

  /// A gallery that the last program of format 1.2 made, whose records have no checksums.
  private func older() throws -> (TemporaryFolder, Gallery) {
    let folder = try TemporaryFolder()
    try ReleasedGallery.format12.copy(to: folder)
    return (folder, try Gallery.open(at: folder.gallery, options: GalleryOptions(access: .existing)))
  }

  @Test("the checksums that a repair adds to a gallery without any find every flipped bit")
  func repaired() throws {
    let (folder, gallery) = try older()
    defer { withExtendedLifetime(folder) {} }
    #expect(try gallery.check().withoutChecksum > 0)
    #expect(try gallery.check(repair: true).isHealthy)
    #expect(try gallery.check().withoutChecksum == 0)
    let tables = try gallery.perform { try $0.files().tables }
    #expect(try unseenFlips(4, in: tables.faces, of: gallery) == [])
    #expect(try unseenFlips(4, in: tables.vectors, of: gallery) == [])
  }

  @Test("a repair gives no checksum to a vector that is wrong already")
  func doubtful() throws {
    let (folder, gallery) = try older()
    defer { withExtendedLifetime(folder) {} }
    try gallery.perform { session in
      let store = try session.files()
      try store.environment.write {
        try $0.put([UInt8](repeating: 0, count: 512), for: 2, in: store.tables.vectors)
      }
    }
    #expect(try !gallery.check(repair: true, recallSample: 0).isHealthy)
    let record = try gallery.perform { session in
      try session.files().view { try $0.encodedFace(FaceID(rawValue: 2)) }
    }
    #expect(record?.checksums == nil)
    #expect(try gallery.check(recallSample: 0).findings.map(\.part).contains(.vectors))
  }
}

extension Session {
  /// The store in files, whose bytes are changed here.
  fileprivate func files() throws -> LMDBStore { try #require(store as? LMDBStore) }
}
