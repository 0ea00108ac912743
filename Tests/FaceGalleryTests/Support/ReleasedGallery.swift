import FaceEngine
import FaceGallery
import Foundation
import Support
import TestSupport
import Testing

/// A small gallery that the last program of a format made, a folder of `Fixtures`, and what is in it.
struct ReleasedGallery: Sendable, CustomTestStringConvertible {
  /// The format, with which the fixture is named.
  let format: String
  /// How many faces each person has.
  let people: [String: Int]
  /// The faces without a name.
  var unnamed: [UInt64] = []
  /// The groups that they were found to be in.
  var groups: [[UInt64]] = []
  /// The faces of which a picture is kept.
  var thumbnails: [UInt64] = []
  /// Tags of people.
  var tags: [String: [String: String]] = [:]
  /// Tags of faces.
  var faceTags: [UInt64: [String: String]] = [:]
  /// SHA-256 of the engine's fingerprint, which stands in the snapshot and, since format 1.3, in every face record.
  let engine: String
  /// SHA-256 of all vectors, in the order of their faces; of format 1.4 as today's program reads them, of the others as `export` of the
  /// program of that time wrote them.
  let vectors: String
  /// How many records have no checksum.
  var withoutChecksum = 0
  /// The scheme of all landmarks.
  var scheme = LandmarkScheme.dlib5
  /// How the saved index stands.
  var snapshot = GalleryInfo.SnapshotState.current

  var testDescription: String { "format \(format)" }

  var faces: Int { people.values.reduce(unnamed.count, +) }

  /// A copy that a test may change.
  func copy(to folder: TemporaryFolder) throws {
    let source = try #require(
      Bundle.module.url(forResource: "gallery-\(format)", withExtension: nil, subdirectory: "Fixtures"))
    try FileManager.default.copyItem(at: source, to: folder.gallery)
  }

  /// Expects a gallery to hold everything that the program of that time put into it.
  func expectEverything(in gallery: Gallery) throws {
    let info = try gallery.info()
    #expect(info.faces == faces && info.people == people.count && info.unnamedFaces == unnamed.count)
    #expect(info.thumbnails == thumbnails.count && info.fingerprint?.digest == engine)
    let all = try gallery.people()
    #expect(Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.faceCount) }) == people)
    #expect(try gallery.unnamedFaces().map(\.rawValue) == unnamed)
    #expect(try gallery.groups().map { $0.faces.map(\.rawValue) } == groups)
    for person in all { #expect(try gallery.tags(of: person.id) == tags[person.name] ?? [:]) }
    var named = unnamed
    for person in all {
      for face in try gallery.faces(of: person.id) { named.append(face.id.rawValue) }
    }
    #expect(named.sorted() == Array(1...UInt64(faces)))
    for face in 1...UInt64(faces) {
      #expect(try gallery.tags(of: FaceID(rawValue: face)) == faceTags[face] ?? [:])
      let picture = try gallery.thumbnail(of: FaceID(rawValue: face))
      #expect(picture.map { $0.prefix(2) == Data([0xFF, 0xD8]) } == (thumbnails.contains(face) ? true : nil))
    }
    #expect(try digest(of: gallery) == vectors)
  }

  /// SHA-256 of the vectors of all faces that are in the fixture.
  func digest(of gallery: Gallery) throws -> String {
    var bytes: [UInt8] = []
    for face in 1...UInt64(faces) {
      let embedding = try #require(try gallery.embedding(of: FaceID(rawValue: face)))
      for value in embedding.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return SHA256.hexadecimal(of: bytes)
  }
}

extension ReleasedGallery {
  /// Two photos of Obama, one each of Biden and Hanks, and two of Obama without a name, grouped.
  static let format12 = ReleasedGallery(
    format: "1.2", people: ["Obama": 2, "Biden": 1, "Tom Hanks": 1], unnamed: [5, 6], groups: [[6, 5]],
    thumbnails: [3], tags: ["Obama": ["team": "red", "staff": ""], "Tom Hanks": ["team": "blue"]],
    faceTags: [2: ["camera": "door"]], engine: format13.engine,
    vectors: "cfcdf88fcc25d7a62ad67f7135428b6d8cdca8b09b81a944eab34454fd2e6400",
    withoutChecksum: 3 + 6 + 8 + 5)

  /// Two photos of Obama, one each of Biden and Hanks, and a face without a name.
  static let format13 = ReleasedGallery(
    format: "1.3", people: ["Obama": 2, "Biden": 1, "Hanks": 1], unnamed: [5],
    engine: "d45abf13d0cf3a9314234c46c33dcab3fc6ac2679903a62aafd0279b6093baa1",
    vectors: "fcc02c3ae69988d73591fdd0eb0e3fe2cd74d690323ad387d54e1d7a84a72d38")

  /// People with one face each, whose names are partly the same but for the way in which they are written.
  static let format14 = ReleasedGallery(
    format: "1.4",
    people: ["Zoë Ward": 1, "Ann Lee": 1, "ANN  LEE": 1, "#2": 1, "zoë\u{A0}ward": 1, "Bob": 1],
    engine: format15.engine,
    vectors: "e35c0ee1e6394bbbb1c84e75a5e3d877de32d61d290a48aad896739baf18a06f", snapshot: .missing)

  /// What the gallery of format 1.2 has, by the default engine of today.
  static let format15 = ReleasedGallery(
    format: "1.5", people: format12.people, unnamed: format12.unnamed, groups: format12.groups,
    thumbnails: format12.thumbnails, tags: format12.tags, faceTags: format12.faceTags,
    engine: "0b13ea1616f469e3db89bc7fc3916e96c9b74db4866221dd5009ca58b8c99e11",
    vectors: "e614c5c41ca30b39d9ff2d5b8095ec44c0e8ceef40aca27eede94a79dab604f0", scheme: .eyesNoseMouth)

  /// The same, where Tom Hanks was called otherwise before.
  static let format16 = ReleasedGallery(
    format: "1.6", people: format12.people, unnamed: format12.unnamed, groups: format12.groups,
    thumbnails: format12.thumbnails, tags: format12.tags, faceTags: format12.faceTags,
    engine: format15.engine,
    vectors: "66863254264a573f90af6690012c387fcdbdc0b3d22f5d1035c5b113168bb5f7", scheme: .eyesNoseMouth)

  /// The oldest first.
  static let all = [format12, format13, format14, format15, format16]
}
