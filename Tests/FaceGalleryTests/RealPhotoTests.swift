import FaceEngine
import Foundation
import Imaging
import TestSupport
import Testing

@testable import FaceGallery

@Suite(
  "Real photos, real engine", .serialized,
  .enabled(
    if: TestData.areThere && TestData.hasSFace,
    "weights or sample photos are not there: make set-up fetches them"))
struct RealPhotoTests {
  private func folderOfPeople(_ folder: TemporaryFolder) throws -> URL {
    let people = folder.url.appending(path: "people", directoryHint: .isDirectory)
    for (photo, path) in [
      ("obama.jpg", "Barack Obama/official.jpg"), ("biden.jpg", "Joe_Biden_0001.jpg"),
    ] {
      let target = people.appending(path: path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: TestData.photos.appending(path: photo), to: target)
    }
    return people
  }

  @Test("the example program fits a folder and names the face of another photo")
  func example() throws {
    let folder = try TemporaryFolder()
    let lines = try nameFaces(
      people: folderOfPeople(folder), photo: TestData.photos.appending(path: "obama2.jpg"),
      weights: TestData.weights, gallery: folder.gallery)
    #expect(lines.first == "2 photos of 2 people added")
    #expect(lines.dropFirst().first?.hasPrefix("Barack Obama, similarity 0.7") == true)
  }

  @Test("a face is added in the place that somebody gives, also where the detector sees none")
  func givenBox() throws {
    let folder = try TemporaryFolder()
    let engine = try FaceEngine(EngineConfiguration(weightsDirectory: TestData.weights))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let photo = Photo.file(TestData.photos.appending(path: "group.jpg"))
    let faces = try gallery.faces(in: photo)
    try #require(faces.count > 2)
    for (number, face) in faces.enumerated() {
      // Drawn by hand: some pixels aside, and with more of the head.
      let found = face.detection.box
      let box = PixelRect(
        x: found.x - found.width / 6, y: found.y - found.height / 5, width: found.width * 5 / 4,
        height: found.height * 6 / 5)
      let report = try gallery.add(photo, as: "Person \(number)", at: box)
      guard case .added(let ids) = report.outcome, let id = ids.first else {
        Issue.record("\(report)")
        continue
      }
      let record = try #require(try gallery.face(id))
      #expect(record.detection.map { $0.box.isSameFace(as: found) } == true)
      let embedding = try #require(try gallery.embedding(of: id))
      #expect(zip(embedding.values, face.embedding.values).reduce(0) { $0 + $1.0 * $1.1 } > 0.99)
      #expect(try gallery.add(photo, as: "Person \(number)", at: box).outcome == .skipped([id]))
      let other = try gallery.add(photo, as: "Somebody else", at: box)
      #expect(other.outcome == .refused(.enrolledAs("Person \(number)")))
    }
    // One that is too small for the detector is found when it is looked for in its place.
    let portrait = try ImageDecoder().decode(contentsOf: TestData.photos.appending(path: "obama.jpg"))
    let large = try #require(try gallery.faces(in: .image(portrait, name: nil)).first?.detection.box)
    let scale = 10 / Double(large.width)
    let tiny = try portrait.resized(
      width: Int(Double(portrait.width) * scale), height: Int(Double(portrait.height) * scale))
    #expect(try gallery.faces(in: .image(tiny, name: nil)).isEmpty)
    let place = large.scaled(by: scale)
    let missed = try gallery.add(.image(tiny, name: nil), as: "Tiny", at: place)
    guard case .added(let found) = missed.outcome, let face = try gallery.face(found[0])?.detection else {
      Issue.record("\(missed)")
      return
    }
    #expect(face.box != place && face.box.overlap(with: place) > 0.25 && face.quality.size < 20)
    // No face is there: the crop is taken as it is.
    let corner = PixelRect(x: 0, y: 0, width: 60, height: 60)
    guard case .added(let ids) = try gallery.add(photo, as: "Corner", at: corner).outcome else {
      Issue.record("the box is in the photo")
      return
    }
    #expect(try gallery.face(ids[0])?.detection?.box == corner)
    let outside = try gallery.add(photo, as: "Nobody", at: PixelRect(x: -90, y: 9_000, width: 80, height: 80))
    #expect(outside.isAdded == false && "\(outside)".contains("lies outside of the photo"))
    for box in [PixelRect(x: 3, y: 3, width: 1, height: 1), PixelRect(x: -80, y: 3, width: 90, height: 90)] {
      let report = try gallery.add(photo, as: "Speck", at: box)
      #expect(report.isAdded == false && "\(report)".contains("too small to be a face"), "\(report)")
    }
    try gallery.checkInvariants()
  }

  private static let names = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jim"]

  /// A JPEG file that has to be turned by a quarter to the right: EXIF with the orientation alone, behind the file's start.
  private static func turned(_ jpeg: Data) -> Data {
    let tiff: [UInt8] = [
      0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ]
    let body = Array("Exif".utf8) + [0, 0] + tiff
    return jpeg.prefix(2) + [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg.dropFirst(2)
  }

  @Test(
    "faces that are marked in photos are added under their names, and marked by an export as they were",
    arguments: [false, true])
  func regions(inPlace: Bool) throws {
    let folder = try TemporaryFolder()
    let engine = try FaceEngine(EngineConfiguration(weightsDirectory: TestData.weights))
    let pictures = folder.url.appending(path: "pictures", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    // One that lies on its side: the marks are in the stored picture, the boxes in the upright one.
    let upright = try ImageDecoder().decode(contentsOf: TestData.photos.appending(path: "group.jpg"))
    let lying = try upright.rotated(quarterTurns: -1).jpegData(quality: 95)
    let group = pictures.appending(path: "group.jpg")
    try Self.turned(lying).write(to: group)
    let portrait = pictures.appending(path: "obama.jpg")
    try FileManager.default.copyItem(at: TestData.photos.appending(path: "obama.jpg"), to: portrait)
    try FileManager.default.copyItem(
      at: TestData.photos.appending(path: "biden.jpg"), to: pictures.appending(path: "unmarked.jpg"))

    let first = try Gallery.open(at: folder.gallery, engine: engine)
    let faces = try first.faces(in: .file(group))
    try #require(faces.count > 2 && faces.count <= Self.names.count)
    for (number, face) in faces.enumerated() {
      #expect(try first.add(.file(group), as: Self.names[number], at: face.detection.box).isAdded)
    }
    #expect(try first.add(.file(portrait), as: "Barack Obama").isAdded)
    let plan = try first.exportRegions(options: RegionExportOptions(inPlace: inPlace, dryRun: true))
    let before = try FileManager.default.contentsOfDirectory(atPath: pictures.path)
    #expect(before.count == 3)
    let report = try first.exportRegions(options: RegionExportOptions(folder: pictures, inPlace: inPlace))
    #expect(report.written == plan.written && report.written.count == 2 && report.skipped.isEmpty)
    let again = try first.exportRegions(options: RegionExportOptions(inPlace: inPlace))
    #expect(again.written.isEmpty && again.unchanged == 2)
    // The photos are the same ones to the gallery.
    guard case .skipped = try first.add(.file(portrait), as: "Barack Obama").outcome else {
      Issue.record("the photo is another one")
      return
    }

    let marked = try RegionPhotos([pictures])
    #expect(marked.photos.count == faces.count + 1)
    #expect(marked.omissions.map(\.kind) == [.noRegion])
    let second = try Gallery.open(at: folder.url.appending(path: "second"), engine: engine)
    let fit = try second.add(marked.photos)
    #expect(fit.added == faces.count + 1)
    for (number, face) in faces.enumerated() {
      let answers = try second.query([face.embedding])
      #expect(answers.first?.candidates.first?.name == Self.names[number])
      #expect(answers.first?.candidates.first?.similarity ?? 0 > 0.99)
    }
    try second.checkInvariants()

    // Where a sidecar names faces, it is kept right, too, also when the marks go into the photos.
    _ = try first.rename(#require(try first.person(named: "Barack Obama")).id, to: "Barack Hussein Obama")
    let renamed = try first.exportRegions(options: RegionExportOptions(inPlace: true))
    #expect(renamed.written.filter { $0.hasSuffix(".xmp") }.count == (inPlace ? 0 : 1))
    #expect(try RegionPhotos([portrait]).photos.map(\.name) == ["Barack Hussein Obama"])

    // A mark where no face is, as of a photo that was cut since, is no crop of a face.
    var misplaced = try #require(marked.photos.first)
    misplaced.box = PixelRect(x: 0, y: 0, width: 50, height: 50)
    #expect(try second.add([misplaced]).photos.map(\.outcome) == [.refused(.noFace)])
    // A photo that is another one now is passed over, and so is one that is gone.
    try FileManager.default.removeItem(at: portrait)
    try Data(contentsOf: TestData.photos.appending(path: "obama2.jpg")).write(to: group)
    let later = try first.exportRegions(options: RegionExportOptions(inPlace: inPlace))
    #expect(later.written.isEmpty && later.skipped.count == 2)
    #expect(later.skipped.contains { $0.reason.contains("changed") })
  }

  @Test("a sidecar that may be of two photos is of neither, and one that cannot be read costs one photo")
  func sidecars() throws {
    let folder = try TemporaryFolder()
    let engine = try FaceEngine(EngineConfiguration(weightsDirectory: TestData.weights))
    let pictures = folder.url.appending(path: "pictures", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    let jpeg = pictures.appending(path: "a.jpg")
    try FileManager.default.copyItem(at: TestData.photos.appending(path: "obama.jpg"), to: jpeg)
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    #expect(try gallery.add(.file(jpeg), as: "Barack Obama").isAdded)
    #expect(try gallery.exportRegions().written == [jpeg.path + ".xmp"])
    let shared = pictures.appending(path: "a.xmp")
    try FileManager.default.moveItem(atPath: jpeg.path + ".xmp", toPath: shared.path)
    // Alone it is the photo's, by either name.
    #expect(try RegionPhotos([pictures]).photos.count == 1)
    #expect(try gallery.exportRegions().unchanged == 1)
    let png = pictures.appending(path: "a.png")
    try FileManager.default.copyItem(at: TestData.photos.appending(path: "hanks.png"), to: png)
    #expect(try gallery.add(.file(png), as: "Tom Hanks").isAdded)
    let both = try RegionPhotos([pictures])
    #expect(both.photos.isEmpty && both.omissions.map(\.kind) == [.noRegion, .noRegion])
    let marked = try gallery.exportRegions()
    #expect(marked.written == [jpeg.path + ".xmp", png.path + ".xmp"])
    #expect(try RegionPhotos([pictures]).photos.map(\.name) == ["Barack Obama", "Tom Hanks"])
    #expect(try gallery.exportRegions().unchanged == 2)
    // Numbers and words that are nobody's name are not taken for people.
    _ = try gallery.rename(#require(try gallery.person(named: "Tom Hanks")).id, to: "unknown person")
    #expect(try gallery.exportRegions().written == [png.path + ".xmp"])
    #expect(try RegionPhotos([png]).photos.map(\.name) == [nil])
    #expect(try RegionPhotos([png], anyName: true).photos.map(\.name) == ["unknown person"])
    // A folder in its place, or a file too large, is told of one photo; the others are marked.
    try FileManager.default.removeItem(atPath: jpeg.path + ".xmp")
    try FileManager.default.createDirectory(atPath: jpeg.path + ".xmp", withIntermediateDirectories: false)
    try Data(count: 17 << 20).write(to: URL(filePath: png.path + ".xmp"))
    let broken = try gallery.exportRegions()
    #expect(broken.skipped.map(\.photo) == [jpeg.path, png.path] && broken.written.isEmpty)
    #expect(try RegionPhotos([pictures]).omissions.map(\.kind) == [.unreadable, .unreadable])
    // Another name of the same file would be left behind.
    try FileManager.default.removeItem(atPath: jpeg.path + ".xmp")
    try FileManager.default.linkItem(at: jpeg, to: folder.url.appending(path: "b.jpg"))
    let linked = try gallery.exportRegions(options: RegionExportOptions(folder: pictures, inPlace: true))
    #expect(linked.skipped.contains { $0.photo == jpeg.path && $0.reason.contains("hard links") })
  }

  @Test("a gallery of one person says unknown of somebody else, and verify tells them apart")
  func stranger() throws {
    let folder = try TemporaryFolder()
    let engine = try FaceEngine(EngineConfiguration(weightsDirectory: TestData.weights))
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let photos = TestData.photos
    let report = try gallery.add(.file(photos.appending(path: "obama.jpg")), as: "Barack Obama")
    #expect(report.isAdded)
    let answers = try gallery.query(.file(photos.appending(path: "biden.jpg")))
    #expect(answers.map(\.answer.verdict) == [.unknown])
    #expect(answers.first?.answer.candidates.first?.name == "Barack Obama")
    let same = try gallery.verify(
      .file(photos.appending(path: "obama.jpg")), .file(photos.appending(path: "obama2.jpg")))
    #expect(same.isSamePerson && same.probability ?? 0 > 0.5)
    let different = try gallery.verify(
      .file(photos.appending(path: "obama.jpg")), .file(photos.appending(path: "biden.jpg")))
    #expect(!different.isSamePerson && different.probability ?? 1 < 0.5)
    try gallery.checkInvariants()
  }
}
