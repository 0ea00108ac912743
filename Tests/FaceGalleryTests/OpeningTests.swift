import Foundation
import LMDB
import Testing

@testable import FaceGallery

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

  @Test("fields that a newer version appended to records survive being written again")
  func appendedFields() throws {
    var newerPerson = PersonRecord(name: "Ada", created: .storable)
    newerPerson.rest = [1, 2, 3]
    var person = try PersonRecord(decoding: newerPerson.encoded)
    person.name = "Bob"
    #expect(try PersonRecord(decoding: person.encoded).rest == [1, 2, 3])
    let face = FaceRecord(
      person: PersonID(rawValue: 7), added: .storable, photo: PhotoDigest(of: [1]), detection: nil, path: "p")
    var newer = try FaceRecord(decoding: face.encoded + [9])
    newer.person = PersonID(rawValue: 8)
    let read = try FaceRecord(decoding: newer.encoded)
    #expect(read.rest == [9] && read.path == "p" && read.person.rawValue == 8)
    newer.checksums = FaceRecord.Checksums(engine: 1, vector: 2, picture: 3)
    #expect(try FaceRecord(decoding: newer.encoded) == newer)
  }

  @Test("the records are the bytes that docs/gallery-format.md says")
  func bytes() throws {
    let person = PersonRecord(name: "Zoë", created: Date(milliseconds: 0x0102_0304_0506))
    #expect(
      person.encoded == [2, 6, 5, 4, 3, 2, 1, 0, 0, 4, 0, 0x5A, 0x6F, 0xC3, 0xAB, 0x55, 0x25, 0xD4, 0x54])
    let change = Change(
      kind: .removed, face: FaceID(rawValue: 0x0203), person: PersonID(rawValue: 4), tag: 5)
    #expect(
      change.encoded
        == [2] + [3, 2, 0, 0, 0, 0, 0, 0] + [4, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0, 0, 0, 0, 0]
        + [0x08, 0xAA, 0x66, 0xCF])
    let detection = DetectedFace(
      box: PixelRect(x: -1, y: 2, width: 3, height: 4), landmarks: [PixelPoint(x: 1, y: -2)],
      quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: -2, detectorScore: 0.5))
    var face = FaceRecord(
      person: PersonID(rawValue: 9), added: Date(milliseconds: 1), photo: nil, detection: detection, path: "é"
    )
    let head: [UInt8] = [1, 6, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    let box: [UInt8] = [255, 255, 255, 255, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]
    let landmarks: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    let quality: [UInt8] = [3, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F]
    #expect(face.encoded == head + box + landmarks + quality + [2, 0, 0xC3, 0xA9])
    #expect(try FaceRecord(decoding: face.encoded) == face)
    face.checksums = FaceRecord.Checksums(engine: 0x0102_0304, vector: 0x0506_0708)
    let sums: [UInt8] = [4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 0, 0, 0xD4, 0x21, 0x63, 0x2C]
    #expect(face.encoded == [2] + head.dropFirst() + box + landmarks + quality + [2, 0, 0xC3, 0xA9] + sums)
    #expect(try FaceRecord(decoding: face.encoded) == face)
    #expect(VectorBytes.encode([1, -2]) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
  }

  @Test(
    "a face record names its landmarks' scheme unless they are dlib's five, also after a program of format 1.2 rewrote it"
  )
  func landmarkScheme() throws {
    var detection = DetectedFace(
      box: PixelRect(x: 0, y: 0, width: 1, height: 1), landmarks: [PixelPoint(x: 1, y: -2)],
      quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: -2, detectorScore: 0.5))
    func record(_ path: String?) -> FaceRecord {
      var face = FaceRecord(
        person: PersonID(rawValue: 9), added: Date(milliseconds: 1), photo: nil, detection: detection,
        path: path)
      face.checksums = FaceRecord.Checksums(engine: 1, vector: 2)
      return face
    }
    let plain = record("p")
    let field = Array("LMK:".utf8) + [15, 0] + Array("eyes-nose-mouth".utf8)
    detection.scheme = .eyesNoseMouth
    for path in ["p", nil] as [String?] {
      let named = record(path)
      #expect(try FaceRecord(decoding: named.encoded) == named)
      #expect(named.encoded.dropLast(16).suffix(field.count) == field[...])
    }
    #expect(record("p").encoded.dropLast(16).dropLast(field.count) == plain.encoded.dropLast(16))
    // Such a program sets the version to 1 and keeps what it does not know, the checksums among it.
    let rewritten = [1] + record("p").encoded.dropFirst()
    #expect(try FaceRecord(decoding: rewritten).detection?.scheme == .eyesNoseMouth)
    let older = [1] + plain.encoded.dropFirst()
    #expect(try FaceRecord(decoding: older).detection?.scheme == .dlib5)
    // What a newer version calls its landmarks is kept.
    detection.scheme = LandmarkScheme(rawValue: "of tomorrow")
    #expect(try FaceRecord(decoding: record("p").encoded).encoded == record("p").encoded)
  }

  @Test("cut-off records are errors, never crashes")
  func cutOff() {
    let face = FaceRecord(
      person: PersonID(rawValue: 9), added: .storable, photo: PhotoDigest(of: [1]),
      detection: DetectedFace(
        box: PixelRect(x: 0, y: 0, width: 1, height: 1), landmarks: [PixelPoint(x: 1, y: 2)],
        quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: 2, detectorScore: 1)), path: "path")
    for length in 0..<face.encoded.count {
      #expect(throws: ByteReader.Malformed.self) {
        try FaceRecord(decoding: Array(face.encoded.prefix(length)))
      }
    }
    let person = PersonRecord(name: "Ada", created: .storable).encoded
    for length in 0..<person.count {
      #expect(throws: ByteReader.Malformed.self) { try PersonRecord(decoding: Array(person.prefix(length))) }
    }
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
