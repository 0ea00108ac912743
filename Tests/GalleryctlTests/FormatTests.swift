import Foundation
import Imaging
import Testing

@Suite("Photos of every format")
struct FormatTests {
  /// A TIFF file of as many pages as pictures, without compression. (TIFF 6.0, section 6.)
  private static func tiff(_ pages: [RGBImage]) -> [UInt8] {
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    var file = Array("II*\0".utf8) + bytes(8, 4)
    for (index, page) in pages.enumerated() {
      // Tag, type (3: 16 bits, 4: 32 bits), count, value; the pixels follow the directory.
      let depths = file.count + 2 + 9 * 12 + 4
      let entries = [
        (256, 4, 1, page.width), (257, 4, 1, page.height), (258, 3, 3, depths), (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, depths + 6), (277, 3, 1, 3), (278, 4, 1, page.height), (279, 4, 1, page.pixels.count),
      ]
      file += bytes(entries.count, 2)
      for entry in entries {
        file += bytes(entry.0, 2) + bytes(entry.1, 2) + bytes(entry.2, 4) + bytes(entry.3, 4)
      }
      let end = depths + 6 + page.pixels.count
      file += bytes(index + 1 < pages.count ? end + end % 2 : 0, 4)
      file += [8, 0, 8, 0, 8, 0] + page.pixels + [UInt8](repeating: 0, count: end % 2)
    }
    return file
  }

  @Test("the first page of a TIFF is read, and a warning says that there are more", .needsPhotos)
  func pages() throws {
    let galleryctl = try Galleryctl()
    let photo = try ImageDecoder().decode(contentsOf: URL(filePath: Fixtures.photo("obama.jpg")))
    let blank = RGBImage(width: 5, height: 5)
    _ = try galleryctl.file("scans/one.TIF", Self.tiff([photo]))
    _ = try galleryctl.file("scans/two.tiff", Self.tiff([photo, blank]))
    _ = try galleryctl.file("scans/notes.txt", Array("no photo".utf8))
    let run = try galleryctl("detect", "--json", "-q", "scans")
    #expect(run.status == 0)
    #expect(
      run.errors == "1 file is no photo by its name: notes.txt\n"
        + "warning: scans/two.tiff: The file has several pages, of which the first is read.\n")
    let replies = try run.json([Replies.Detected].self)
    let whole = try galleryctl("detect", "--json", "-q", Fixtures.photo("obama.jpg")).json(
      [Replies.Detected].self)
    #expect(
      replies.count == 2
        && replies.allSatisfy { $0.faces?.count == 1 && $0.faces?.count == whole[0].faces?.count })
    #expect(replies.map { $0.remarks?.count } == [nil, 1])

    let added = try galleryctl("add", "--json", "-q", "--name", "Barack Obama", "scans/two.tiff")
      .json(Replies.Enrolment.self)
    #expect(added.added == 1 && added.photos[0].remarks.count == 1)
    let query = try galleryctl("query", "-q", "scans/two.tiff")
    #expect(query.status == 0 && query.errors.contains("several pages"))
  }

  @Test("a cut photo is looked at as far as it goes, and added when that is wanted", .needsPhotos)
  func damage() throws {
    let galleryctl = try Galleryctl()
    let whole = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.photo("obama.jpg"))))
    let cut = try galleryctl.file("cut.jpg", Array(whole[..<(whole.count * 9 / 10)]))
    let endless = try galleryctl.file("endless.jpg", whole.dropLast(2))
    let detect = try galleryctl("detect", "--json", "-q", cut, endless)
    #expect(detect.status == 0)
    let detected = try detect.json([Replies.Detected].self)
    #expect(detected.allSatisfy { $0.faces?.count == 1 && $0.remarks?.count == 1 })
    let warnings = detect.errors.split(separator: "\n")
    #expect(warnings.count == 2 && warnings.allSatisfy { $0.hasPrefix("warning: ") })
    #expect(
      warnings.first?.contains("cut off") == true && warnings.last?.contains("all of its pixels") == true)

    let refused = try galleryctl("add", "--json", "-q", "--name", "Barack Obama", cut)
    #expect(refused.status == 3)
    let refusal = try refused.json(Replies.Enrolment.self)
    #expect(refusal.refused == 1 && refusal.photos[0].reasonKind == "damaged")
    #expect(try galleryctl("add", "-q", "--name", "Barack Obama", cut).output.contains("--allow-damaged"))
    let added = try galleryctl("add", "--json", "-q", "--name", "Barack Obama", endless)
      .json(Replies.Enrolment.self)
    #expect(added.added == 1 && added.photos[0].remarks.count == 1)
    let allowed = try galleryctl("add", "--json", "-q", "--name", "Barack Obama", "--allow-damaged", cut)
      .json(Replies.Enrolment.self)
    #expect(allowed.added == 1 && allowed.photos[0].remarks.count == 1)

    let query = try galleryctl("query", "-q", cut)
    #expect(query.status == 0 && query.errors.contains("cut off"))
    let verify = try galleryctl("verify", "--json", cut, Fixtures.photo("obama.jpg"))
    #expect(verify.errors.contains("warning: ") && verify.errors.contains("cut off"))
    let verified = try verify.json(Replies.Verified.self)
    #expect(verified.samePerson && verified.remarks?.map(\.count) == [1, 0])
    let plain = try galleryctl("verify", "--json", Fixtures.photo("obama.jpg"), Fixtures.photo("obama.jpg"))
    #expect(try plain.errors.isEmpty && plain.json(Replies.Verified.self).remarks == nil)
  }

  @Test("--max-pixels counts megapixels, for every command that reads photos", .needsPhotos)
  func limit() throws {
    let galleryctl = try Galleryctl()
    // 1.13 megapixels.
    let photo = Fixtures.photo("group.jpg")
    for command in [["detect"], ["query"], ["verify", photo], ["add", "--name", "X"]] {
      if command == ["query"] {
        #expect(
          try galleryctl("add", "-q", "--name", "Barack Obama", Fixtures.photo("obama.jpg")).status == 0)
      }
      let run = try galleryctl.run(command + ["-q", "--max-pixels", "1", photo])
      #expect(run.status == 3, "\(command)")
      #expect((run.errors + run.output).contains("more than the limit of 1000000"), "\(command)")
    }
    #expect(try galleryctl("detect", "-q", "--max-megapixels", "2", photo).status == 0)
    #expect(try galleryctl("detect", "-q", "--max-pixels", "0", photo).status == 2)
  }

  @Test(
    "nothing but our own sentences is written, whatever a library has to say of a damaged file", .needsPhotos)
  func silence() throws {
    let galleryctl = try Galleryctl()
    let fixtures = Fixtures.root.appending(path: "Tests/ImagingTests/Fixtures")
    var photos: [String] = []
    for name in ["avif.avif", "heic.heic", "jxl.jxl", "jp2.jp2", "tiff-lzw.tif", "gif.gif"] {
      let whole = [UInt8](try Data(contentsOf: fixtures.appending(path: name)))
      for place in stride(from: whole.count / 2, to: whole.count, by: max(1, whole.count / 16)) {
        var damaged = whole
        damaged[place] ^= 0x55
        photos.append(try galleryctl.file("\(place)-\(name)", damaged))
      }
    }
    let run = try galleryctl.run(["detect", "--json", "-q", "--upsample", "0", "--upright"] + photos)
    let refused = try run.json([Replies.Detected].self).compactMap(\.error)
    #expect(refused.count > 10)
    #expect(run.errors.split(separator: "\n").map { $0.prefix(7) } == refused.map { _ in "error: " })
  }

  /// One portrait in each format, if the collection is beside this folder.
  private static let cases = Fixtures.root.deletingLastPathComponent().appending(path: "shared/cases/formats")

  @Test(
    "a portrait has one face in each", .needsPhotos,
    .enabled(if: FileManager.default.fileExists(atPath: cases.path), "../shared/cases/formats is not there"))
  func portraits() throws {
    let run = try Galleryctl()("detect", "--json", "-q", Self.cases.path)
    #expect(run.status == 0)
    let replies = try run.json([Replies.Detected].self)
    #expect(replies.count == 10)
    for reply in replies { #expect(reply.faces?.count == 1, "\(reply)") }
  }
}
