import FaceGallery
import Foundation
import Imaging
import Synchronization
import TestSupport
import Testing

@Suite("Folders of photos")
struct DatasetTests {
  @Test(
    "the person's name in a file's name",
    arguments: [
      ("Ada_Lovelace_0001.jpg", "Ada Lovelace"), ("Ada Lovelace.png", "Ada Lovelace"),
      ("ada-1.jpeg", "ada"), ("ada (1).jpg", "ada"), ("ada(12).jpg", "ada"), ("ada 7.jpg", "ada"),
      ("Jean-Luc_2.jpg", "Jean-Luc"), ("0001.jpg", "0001"), ("_0001.jpg", " 0001"), ("R2D2.jpg", "R2D2"),
      ("a.b_1.jpg", "a.b"), ("x_1_2.jpg", "x 1"),
    ])
  func names(file: String, name: String) {
    #expect(DatasetFolder.name(ofFile: file) == name)
  }

  private func write(_ photo: FakePhoto, _ folder: TemporaryFolder, _ path: String) throws {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try photo.image.pngData().write(to: url)
  }

  /// Six good photos of three people, and five that cannot be used or are none.
  private func dataset() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try write(FakePhoto(person: 1, face: 1), folder, "set/Ada/1.png")
    try write(FakePhoto(person: 1, face: 2), folder, "set/Ada/deep/2.PNG")
    try write(FakePhoto(person: 2, face: 1), folder, "set/Bob_Bird/x.png")
    try write(FakePhoto(person: 2, face: 2), folder, "set/Bob_Bird_0002.png")
    try write(FakePhoto(person: 3, face: 1), folder, "set/Cy-1.png")
    try write(FakePhoto(person: 3, face: 2), folder, "set/Cy.png")
    try write(FakePhoto([]), folder, "set/Ada/nobody.png")
    try write(FakePhoto([], failsEngine: true), folder, "set/Ada/trouble.png")
    try Data("text".utf8).write(to: folder.url.appending(path: "set/Ada/broken.jpg"))
    try Data("text".utf8).write(to: folder.url.appending(path: "set/notes.txt"))
    try write(FakePhoto(person: 9, face: 1), folder, "set/.hidden/1.png")
    return folder
  }

  @Test("links in a circle end, each photo is found once, and nobody is enrolled under a link's name")
  func links() throws {
    let folder = try TemporaryFolder()
    try write(FakePhoto(person: 1, face: 1), folder, "set/Ann/1.png")
    try write(FakePhoto(person: 2, face: 1), folder, "set/Bob/1.png")
    for (link, target) in [("Ann/up", ".."), ("Bob/up", ".."), ("Aaron", "Bob"), ("Ann/friend", "../Bob")] {
      #expect(symlink(target, folder.path + "/set/" + link) == 0)
    }
    let gallery = try folder.openWithEngine()
    let report = try gallery.fitDataset(at: folder.url.appending(path: "set"))
    #expect(report.added == 2 && report.photos.count == 2)
    #expect(report.unreadable.count == 4)
    #expect(try gallery.people().map(\.name) == ["Ann", "Bob"])
    #expect(try gallery.people().map(\.faceCount) == [1, 1])
  }

  @Test("a folder is fitted; photos that cannot be used do not end the run; a second run skips everything")
  func fit() throws {
    let folder = try dataset()
    let gallery = try folder.openWithEngine()
    var calls: [FitProgress] = []
    let report = try gallery.fitDataset(at: folder.url.appending(path: "set")) { calls.append($0) }
    #expect(report.added == 6 && report.skipped == 0 && report.refused == 3 && report.people == 3)
    #expect(report.unreadable.isEmpty)
    #expect(calls.last?.done == 9 && calls.allSatisfy { $0.total == 9 })
    #expect(calls.flatMap(\.latest) == report.photos)
    #expect(try gallery.people().map(\.name) == ["Ada", "Bob Bird", "Cy"])
    #expect(try gallery.people().map(\.faceCount) == [2, 2, 2])
    let refused = report.photos.compactMap { photo in
      if case .refused(let refusal) = photo.outcome { refusal.kind } else { nil }
    }
    #expect(refused == ["unreadable", "no-face", "engine-failure"])

    let again = try gallery.fitDataset(at: folder.url.appending(path: "set"))
    #expect(again.added == 0 && again.skipped == 6 && again.refused == 3)
    try gallery.checkInvariants()
  }

  @Test(
    "faces are numbered in the order of the photos, whichever thread is first", arguments: Storage.allCases)
  func order(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let photos = (0..<200).map { index in
      NamedPhoto(FakePhoto(person: UInt8(index % 20), face: UInt8(index)).photo(), name: "P\(index % 20)")
    }
    let report = try gallery.add(photos)
    let ids = report.photos.compactMap {
      if case .added(let ids) = $0.outcome { ids.first?.rawValue } else { nil }
    }
    #expect(ids == Array(1...200))
    #expect(try gallery.info().people == 20)
  }

  @Test("photos are embedded together, and one that cannot be takes no other with it")
  func together() throws {
    let folder = try TemporaryFolder()
    let engine = GroupEngine()
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    var photos = (0..<64).map { FakePhoto(person: UInt8($0), face: 0) }
    photos[9] = FakePhoto([])
    photos[20].faces[0].sharpness = GroupEngine.unusable
    photos[41].faces[0].sharpness = GroupEngine.lost
    let report = try gallery.add(
      photos.enumerated().map { NamedPhoto($1.photo("\($0)"), name: "P\($0)") })
    #expect(report.photos.map(\.photo) == (0..<64).map(String.init))
    let refused = report.photos.compactMap { photo in
      if case .refused(let refusal) = photo.outcome { [photo.photo, refusal.kind] } else { nil }
    }
    #expect(refused == [["9", "no-face"], ["20", "engine-failure"], ["41", "engine-failure"]])
    #expect(engine.sizes.withLock { $0.max() } == 8)
    for index in [0, 19, 21, 40, 42, 63] {
      let probe = try Samples.embedding(person: index, face: 0)
      #expect(try gallery.query(probe).candidates.first?.name == "P\(index)")
    }
    try gallery.checkInvariants()
  }

  @Test("an impossible name is that photo's trouble only", arguments: Storage.allCases)
  func impossibleName(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let photos = ["Ada", " ", "Bob"].enumerated().map { index, name in
      NamedPhoto(FakePhoto(person: UInt8(index), face: 0).photo(), name: name)
    }
    let report = try gallery.add(photos)
    #expect(report.added == 2 && report.refused == 1)
  }

  @Test("trouble of the gallery ends the run with its error")
  func trouble() throws {
    let folder = try dataset()
    do { _ = try folder.openWithEngine() }
    let gallery = try folder.openWithEngine(GalleryOptions(access: .readOnly))
    #expect(code { _ = try gallery.fitDataset(at: folder.url.appending(path: "set")) } == .readOnly)
    let missing = folder.url.appending(path: "nothing")
    #expect(code { _ = try gallery.fitDataset(at: missing) } == .invalidArgument)
  }
}

/// A ``FakeEngine`` that embeds eight photos at a time, and fails on purpose.
private final class GroupEngine: EmbeddingEngine {
  /// Sharpness of a face that no batch can be embedded with.
  static let unusable: UInt8 = 91
  /// Sharpness of a face of which no embedding comes back.
  static let lost: UInt8 = 92

  private let engine = FakeEngine()
  let fingerprint = Samples.fingerprint
  let operatingPoint = Samples.operatingPoint
  let concurrency = 2
  let preferredBatchSize = 8
  let sizes = Mutex<[Int]>([])

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    try engine.faces(in: image, options: options)
  }

  func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    sizes.withLock { $0.append(faces.count) }
    func has(_ mark: UInt8) -> Bool {
      faces.contains { $0.detection.quality.sharpness == Float(mark) / 100 }
    }
    if has(Self.unusable) { throw EngineError(.internalFailure, "The engine failed on purpose.") }
    return try engine.embed(faces.filter { $0.detection.quality.sharpness != Float(Self.lost) / 100 })
  }
}
