import Foundation
import Imaging
import Testing

@Suite("From photos to names", .needsPhotos)
struct PipelineTests {
  /// A gallery of three people, as the demo makes it.
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    #expect(
      try galleryctl(
        "add", "--name", "Barack Obama", Fixtures.photo("obama.jpg"), Fixtures.photo("obama3.jpg")
      ).status == 0)
    #expect(try galleryctl("add", "-n", "Joe Biden", Fixtures.photo("biden.jpg")).status == 0)
    #expect(try galleryctl("add", "-n", "Eileen Collins", Fixtures.photo("astronaut.png")).status == 0)
    return galleryctl
  }

  @Test("other photos of people in the gallery are named, strangers are unknown")
  func namesAndStrangers() throws {
    let galleryctl = try filled()
    let run = try galleryctl(
      "query", "--json", "--k", "3", Fixtures.photo("obama2.jpg"), Fixtures.photo("obama_partial_face2.jpg"),
      Fixtures.photo("hanks.png"))
    #expect(run.status == 0)
    let photos = try run.json([Replies.Photo].self)
    #expect(photos.map { $0.faces?.map(\.answer.name) } == [["Barack Obama"], ["Barack Obama"], [nil]])
    let candidates = try #require(photos[0].faces?.first?.answer.candidates)
    #expect(Set(candidates.map(\.name)) == ["Barack Obama", "Joe Biden", "Eileen Collins"])
    #expect(candidates.map(\.similarity) == candidates.map(\.similarity).sorted(by: >))
    #expect(photos[2].faces?.first?.answer.known == false)
  }

  @Test("a group photo has every face judged by itself, and only strangers means status 1")
  func group() throws {
    let galleryctl = try filled()
    let run = try galleryctl("query", "--json", Fixtures.photo("group.jpg"))
    #expect(run.status == 1)
    let faces = try #require(try run.json([Replies.Photo].self).first?.faces)
    #expect(faces.count >= 5)
    #expect(faces.allSatisfy { !$0.answer.known })
    let largest = try galleryctl("query", "--json", "--max-faces", "2", Fixtures.photo("group.jpg"))
    #expect(try largest.json([Replies.Photo].self).first?.faces?.count == 2)
  }

  @Test("the threshold can be set by hand, both ways")
  func threshold() throws {
    let galleryctl = try filled()
    let strict = try galleryctl("query", "--threshold", "0.9999", Fixtures.photo("obama2.jpg"))
    #expect(strict.status == 1)
    #expect(strict.output.contains("unknown"))
    let lenient = try galleryctl("query", "--threshold", "-1", Fixtures.photo("hanks.png"))
    // Everybody reaches it, and two are as near: neither is the answer alone.
    #expect(lenient.status == 1 && lenient.output.contains(" or "))
    let clear = try galleryctl("query", "--threshold", "0.2", Fixtures.photo("obama2.jpg"))
    #expect(clear.status == 0)
  }

  @Test("a name is given once on a photo, but twice on a collage")
  func collage() throws {
    let galleryctl = try filled()
    let photo = try galleryctl.collage(["obama2.jpg", "obama.jpg"])
    let once = try galleryctl("query", photo)
    #expect(once.output.contains("Barack Obama or somebody alike (face "), "\(once.output)")
    #expect(once.output.contains("1 of 2 faces named, 1 ambiguous"), "\(once.output)")
    let twice = try galleryctl("query", "--same-name-twice", photo)
    #expect(twice.output.contains("2 of 2 faces named;"), "\(twice.output)")
  }

  @Test("--by face lists faces, --exact says that every face was compared")
  func byFaceAndExact() throws {
    let galleryctl = try filled()
    let run = try galleryctl("query", "--json", "--by", "face", "--exact", Fixtures.photo("obama2.jpg"))
    let face = try #require(try run.json([Replies.Photo].self).first?.faces?.first)
    #expect(face.answer.candidates.count == 4)
    #expect(face.answer.candidates.filter { $0.name == "Barack Obama" }.count == 2)
    #expect(face.answer.plan.contains("exact"))
  }

  @Test("the annotated picture is a PNG of the photo's size; several photos make a sheet")
  func annotation() throws {
    let galleryctl = try filled()
    let photo = Fixtures.photo("obama2.jpg")
    #expect(try galleryctl("query", "--annotate", "out.png", photo).status == 0)
    let original = try ImageDecoder().decode(contentsOf: URL(filePath: photo))
    let picture = try ImageDecoder().decode(contentsOf: galleryctl.folder.appending(path: "out.png"))
    #expect(picture.width == original.width && picture.height == original.height)
    #expect(picture != original)
    try galleryctl("query", "--annotate", "sheet.jpg", photo, Fixtures.photo("biden.jpg"))
    #expect(throws: Never.self) {
      try ImageDecoder().decode(contentsOf: galleryctl.folder.appending(path: "sheet.jpg"))
    }
  }

  @Test("many photos become sheets of 36, which take the place of nothing but earlier sheets")
  func sheets() throws {
    let galleryctl = try filled()
    _ = try galleryctl.shell(
      #"mkdir many; for i in $(seq 40); do ln "$PHOTO" many/$i.jpg || cp "$PHOTO" many/$i.jpg; done"#)
    for _ in 0..<2 {
      let run = try galleryctl("detect", "--annotate", "boxes.jpg", "many")
      #expect(run.status == 0 && run.errors.contains("wrote boxes.jpg … boxes-2.jpg"), "\(run.errors)")
    }
    let sizes = try ["boxes.jpg", "boxes-2.jpg"].map { name in
      let picture = try ImageDecoder().decode(contentsOf: galleryctl.folder.appending(path: name))
      return [picture.width, picture.height]
    }
    #expect(sizes[0].allSatisfy { (3_800...4_600).contains($0) } && sizes[1][0] < 1_500, "\(sizes)")
    _ = try galleryctl.shell(#"cp "$OTHER" boxes-2.jpg"#)
    let refused = try galleryctl("detect", "--annotate", "boxes.jpg", "many")
    #expect(refused.status == 3 && refused.errors.contains("boxes-2.jpg is there"), "\(refused.errors)")
    #expect(try galleryctl.shell(#"cmp boxes-2.jpg "$OTHER""#).status == 0)
    // The answers are told although a sheet cannot be written.
    let full = try galleryctl.shell(#""$G" query --annotate /dev/full.d/x.png "$PHOTO""#)
    #expect(full.status != 0 && full.text.contains("obama.jpg"), "\(full)")
  }

  @Test("verify: the same person is status 0, different people status 1")
  func verify() throws {
    let galleryctl = try Galleryctl()
    let same = try galleryctl("verify", Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg"))
    #expect(same.status == 0)
    #expect(same.output.hasPrefix("the same person\n"))
    #expect(!same.output.contains("shows"))
    let group = Fixtures.photo("group.jpg")
    let oneOfMany = try galleryctl("verify", group, Fixtures.photo("obama.jpg"))
    #expect(oneOfMany.output.contains("\(group) shows "))
    #expect(oneOfMany.output.contains(" faces; the largest was compared, at "))
    let different = try galleryctl("verify", Fixtures.photo("obama.jpg"), Fixtures.photo("biden.jpg"))
    #expect(different.status == 1)
    #expect(different.output.hasPrefix("different people\n"))
  }

  @Test("detect lists boxes, writes crops and says when there is no face")
  func detect() throws {
    let galleryctl = try Galleryctl()
    let flat = RGBImage(width: 320, height: 240, red: 90, green: 120, blue: 150)
    let wall = try galleryctl.file("wall.png", flat.pngData())
    let run = try galleryctl(
      "detect", "--json", "--crops", "crops", Fixtures.photo("obama.jpg"), wall)
    #expect(run.status == 0)
    let replies = try run.json([Replies.Detected].self)
    #expect(replies.map { $0.faces?.count } == [1, 0])
    let crop = try ImageDecoder().decode(contentsOf: galleryctl.folder.appending(path: "crops/obama-1.png"))
    #expect(crop.width == 112 && crop.height == 112)
  }

  @Test("a folder of people is added by sub-folder and file name; a second run skips everything")
  func folders() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.copy("obama.jpg", to: "people/Barack Obama/official.jpg")
    _ = try galleryctl.copy("obama3.jpg", to: "people/Barack Obama/standing.jpg")
    _ = try galleryctl.copy("biden.jpg", to: "people/Joe_Biden_0001.jpg")
    let first = try galleryctl("add", "--json", "people")
    #expect(first.status == 0)
    let report = try first.json(Replies.Enrolment.self)
    #expect((report.added, report.skipped, report.refused) == (3, 0, 0))
    let second = try galleryctl("add", "--json", "people").json(Replies.Enrolment.self)
    #expect((second.added, second.skipped, second.refused) == (0, 3, 0))
    let people = try galleryctl("list", "--json").json([Replies.Person].self)
    #expect(people.map(\.name) == ["Barack Obama", "Joe Biden"])
    #expect(people.map(\.faces) == [2, 1])
  }

  @Test("several faces are refused, taken by size, or all taken, as asked")
  func severalFaces() throws {
    let galleryctl = try Galleryctl()
    let refused = try galleryctl("add", "--json", "--name", "Friends", Fixtures.photo("group.jpg"))
    #expect(refused.status == 3)
    #expect(try refused.json(Replies.Enrolment.self).photos.first?.reasonKind == "several-faces")
    #expect(
      try galleryctl("add", "--name", "Friends", "--faces", "largest", Fixtures.photo("group.jpg")).status
        == 0)
    #expect(try galleryctl("list", "--json").json([Replies.Person].self).map(\.faces) == [1])
  }
}
