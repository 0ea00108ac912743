import Foundation
import Support
import Testing

@testable import FaceGallery
@testable import GalleryRecords

@Suite("What front ends say")
struct RecordTests {
  private static let detection = DetectedFace(
    box: PixelRect(x: 1, y: 2, width: 30, height: 40), landmarks: [PixelPoint(x: 5, y: 6)],
    quality: FaceQuality(size: 30, sharpness: 0.25, yaw: 1, roll: 2, detectorScore: 0.5))

  private static let face = EnrolledFace(
    id: FaceID(rawValue: 7), person: PersonID(rawValue: 3), detection: detection, photo: nil,
    path: "/home/ada/a.jpg", added: Date(timeIntervalSince1970: 0))

  private func object(_ value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONText.data(value)) as? [String: Any])
  }

  @Test("names are snake_case, dates ISO 8601, and where photos lie is said only to those who may know it")
  func face() throws {
    let shown = try object(FaceRecord(Self.face, withPath: true))
    #expect(shown["photo"] as? String == "/home/ada/a.jpg")
    #expect(shown["added"] as? String == "1970-01-01T00:00:00Z")
    let quality = try #require((shown["detection"] as? [String: Any])?["quality"] as? [String: Any])
    #expect(quality["detector_score"] as? Double == 0.5)
    #expect(try object(FaceRecord(Self.face))["photo"] == nil)
    #expect(shown["person"] as? Int == 3)
  }

  @Test("a face without a name has no person")
  func unnamed() throws {
    let face = EnrolledFace(
      id: FaceID(rawValue: 8), person: .unnamed, detection: nil, photo: nil, path: nil,
      added: Date(timeIntervalSince1970: 0))
    #expect(try object(FaceRecord(face)).keys.sorted() == ["added", "id"])
  }

  @Test("keys of tags are data and stay as they are")
  func tags() throws {
    let shown = try object(TagsRecord(["firstName": "Ada", "Zoë B": ""]))
    #expect(shown["tags"] as? [String: String] == ["firstName": "Ada", "Zoë B": ""])
  }

  @Test("a person's record has the number of faces under the word that lists use")
  func person() throws {
    let person = Person(
      id: PersonID(rawValue: 3), name: "Ada", faceCount: 2, created: Date(timeIntervalSince1970: 86_400))
    let shown = try object(PersonRecord(person))
    #expect(shown["faces"] as? Int == 2 && shown["id"] as? Int == 3)
    #expect(shown["created"] as? String == "1970-01-02T00:00:00Z")
    #expect(Set(shown.keys) == ["id", "name", "faces", "created"])
  }

  @Test("a doubt is a word and a sentence; what could not be read is told once")
  func enrolment() throws {
    var report = PhotoReport(photo: "a.jpg", name: "Ada", person: PersonID(rawValue: 3), outcome: .added([]))
    report.doubts = [.unlike(similarity: 0.25, faces: 4)]
    let omissions = [Omission(.hidden, ".b.jpg"), Omission(.unreadable, "c", reason: "Permission denied")]
    let shown = try object(FitRecord(FitReport(photos: [report], omissions: omissions)))
    let photo = try #require((shown["photos"] as? [[String: Any]])?.first)
    #expect(
      photo["doubts"] as? [[String: String]] == [
        [
          "reason_kind": "unlike-own",
          "reason": "This face is unlike the person's other 4 (similarity 0.25).",
        ]
      ])
    #expect(shown["unreadable"] as? [String] == ["c cannot be read: Permission denied."])
    #expect((shown["left_out"] as? [[String: Any]])?.map { $0["kind"] as? String } == ["hidden"])
  }

  @Test("who is gone is counted, and named where single people are meant")
  func removal() throws {
    let people = try object(RemovalRecord(people: ["Ada", "Bea"], faces: 3))
    #expect(people["people"] as? [String] == ["Ada", "Bea"] && people["people_count"] as? Int == 2)
    let all = try object(RemovalRecord(peopleCount: 5, faces: 9))
    #expect(all["people"] as? [String] == [] && all["people_count"] as? Int == 5 && all["faces"] as? Int == 9)
    #expect(Set(all.keys) == ["people", "people_count", "faces", "dry_run"])
  }

  @Test("a copy's figures stand beside its folder, and are left out when it could not be opened")
  func copy() throws {
    #expect(try object(CopyRecord(folder: "/b", figures: nil)).keys.sorted() == ["folder"])
    let folder = FileManager.default.temporaryDirectory.appending(path: "copy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Gallery.open(at: folder).close()
    let shown = try object(CopyRecord(name: "b", figures: CopyRecord.Figures(of: folder), seconds: 2))
    #expect(shown.keys.sorted() == ["bytes", "faces", "name", "people", "seconds", "sequence"])
  }

  @Test("every error of a gallery has a class, and words never change", arguments: GalleryError.Code.allCases)
  func errors(code: GalleryError.Code) throws {
    let found = try #require(ErrorClass(GalleryError(code, "…")))
    #expect(found.word.allSatisfy { $0.isLowercase || $0 == "-" })
    let words: [GalleryError.Code: (ErrorClass.Kind, String)] = [
      .noSuchPerson: (.notFound, "no-such-subject"), .noFace: (.input, "no-face"),
      .diskFull: (.diskFull, "disk-full"), .inUse: (.busy, "in-use"),
      .replaced: (.busy, "gallery-replaced"), .unavailable: (.busy, "gallery-unavailable"),
      .outcomeUnknown: (.trouble, "outcome-unknown"),
      .damaged: (.trouble, "gallery-trouble"),
      .readOnly: (.forbidden, "read-only"), .engineMismatch: (.conflict, "engine-mismatch"),
    ]
    if let (kind, word) = words[code] { #expect(found.kind == kind && found.word == word) }
  }

  @Test("an error of no gallery has no class")
  func others() {
    #expect(ErrorClass(CancellationError()) == nil)
  }
}
