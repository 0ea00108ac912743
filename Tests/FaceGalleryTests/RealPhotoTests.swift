import FaceGallery
import Foundation
import TestSupport
import Testing

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
