import Foundation
import Imaging
import Testing

@Suite("A file that is no good picture is refused with its own reason")
struct BadFileTests {
  private func refusal(_ bytes: [UInt8], decoder: ImageDecoder = ImageDecoder()) -> ImageError.Code? {
    do {
      _ = try decoder.decode(bytes)
      return nil
    } catch {
      #expect(error.message.hasSuffix("."))
      return error.code
    }
  }

  private func refusal(of url: URL) -> ImageError? {
    do {
      _ = try ImageDecoder().decode(contentsOf: url)
      return nil
    } catch {
      return error
    }
  }

  @Test("A missing file")
  func missing() {
    let error = refusal(of: URL(filePath: "/nowhere/portrait.jpg"))
    #expect(error?.code == .unreadable)
    #expect(error?.message.contains("/nowhere/portrait.jpg") == true)
  }

  @Test("A folder")
  func folder() {
    let error = refusal(of: FileManager.default.temporaryDirectory)
    #expect(error?.code == .unreadable)
    #expect(error?.message.contains("folder") == true)
  }

  @Test("A device, which has no end")
  func device() {
    #expect(refusal(of: URL(filePath: "/dev/zero"))?.code == .unreadable)
  }

  @Test("An address on the network")
  func remote() throws {
    #expect(refusal(of: try #require(URL(string: "https://example.org/a.jpg")))?.code == .unreadable)
  }

  @Test("A file without permission", .enabled(if: getuid() != 0, "the superuser may read everything"))
  func noPermission() throws {
    try Fixture.withFile(try Fixture.bytes("png-rgb.png"), named: "secret.png") { url throws in
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
      #expect(refusal(of: url)?.code == .unreadable)
    }
  }

  @Test("An empty file")
  func empty() throws {
    #expect(refusal([]) == .empty)
    try Fixture.withFile([], named: "empty.jpg") { #expect(refusal(of: $0)?.code == .empty) }
  }

  @Test("Text, zeros, a lone byte")
  func notAnImage() {
    #expect(refusal(Array("Dear diary, this is no picture at all.".utf8)) == .notAnImage)
    #expect(refusal([UInt8](repeating: 0, count: 1_000)) == .notAnImage)
    #expect(refusal([0xFF]) == .notAnImage)
    #expect(refusal(Array("BMX is a kind of bicycle".utf8)) == .notAnImage)
  }

  @Test("A format that is not read is named", arguments: [("8BPS", "Photoshop"), ("%PDF-1.7", "PDF")])
  func unsupported(start: String, format: String) throws {
    #expect(refusal(Array(start.utf8) + [UInt8](repeating: 0, count: 50)) == .unsupported)
    try Fixture.withFile(Array(start.utf8), named: "portrait.jpg") { url throws in
      #expect(refusal(of: url)?.message.contains(format) == true)
    }
  }

  @Test(
    "A kind of a format that is not read is told with the reason",
    arguments: [
      ("refused-float.tif", "TIFF"), ("refused-preview.tif", "previews"), ("refused-iden.heic", "iden"),
    ])
  func unsupportedKind(name: String, reason: String) throws {
    let error = refusal(of: Fixture.url(name))
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains(reason) == true)
  }

  @Test("A film or a sequence is no photo", arguments: ["heic", "hevc", "avis", "mif1", "isom", "qt  "])
  func containers(brand: String) {
    let bytes =
      [0, 0, 0, 16] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0] + [0, 0, 0, 12] + Array("moov".utf8) + [
        0, 0, 0, 0,
      ]
    #expect(refusal(bytes) == .unsupported)
  }

  @Test(
    "Pictures that are made of themselves, or of too many others, are not begun with",
    arguments: ["refused-grid-of-itself.heic", "refused-alpha-of-alpha.heic", "refused-many-tiles.heic"])
  func recursion(name: String) throws {
    #expect(refusal(try Fixture.bytes(name)) == .corrupt)
  }

  @Test("A lossless JPEG and one of 12 bits")
  func unsupportedJPEG() throws {
    var bytes = try Fixture.bytes("jpeg-444.jpg")
    let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes[frame + 4] = 12
    #expect(refusal(bytes) == .unsupported)
    bytes[frame + 4] = 8
    bytes[frame + 1] = 0xC3
    #expect(refusal(bytes) == .unsupported)
    try Fixture.withFile(bytes, named: "lossless.jpg") { url throws in
      #expect(refusal(of: url)?.message.contains("Lossless JPEG") == true)
    }
  }

  @Test(
    "A file cut off anywhere",
    arguments: [
      "jpeg-444.jpg", "jpeg-progressive.jpg", "png-rgb.png", "png-rgba-interlaced.png", "webp-lossy.webp",
      "bmp-24.bmp", "bmp-8.bmp", "bmp-runs8.bmp", "ico-32.ico", "pnm-rgb.ppm", "pnm-rgb-text.ppm", "gif.gif",
      "jxl.jxl",
      "jp2-bare.j2k", "heic.heic", "avif.avif",
    ])
  func truncated(name: String) throws {
    let bytes = try Fixture.bytes(name)
    // Of PNG and WebP even the last byte counts; others end with what is no part of a picture.
    let isStrict = ["png", "webp"].contains { name.hasPrefix($0) }
    let last = bytes.count - (isStrict ? 1 : name.hasPrefix("jpeg") ? 3 : 9)
    for length in stride(from: last, through: 22, by: -7) {
      #expect(refusal(Array(bytes[..<length])) == .truncated, "\(length) of \(bytes.count) bytes")
    }
  }

  @Test("Damaged picture data", arguments: ["png-rgb.png", "png-rgb16-interlaced.png"])
  func damagedPNG(name: String) throws {
    var bytes = try Fixture.bytes(name)
    bytes[bytes.count / 2] ^= 0x55
    #expect(refusal(bytes) == .corrupt)
  }

  @Test("A JPEG whose picture data lose a piece in the middle")
  func damagedJPEG() throws {
    var bytes = try Fixture.bytes("jpeg-444.jpg")
    bytes.removeSubrange(bytes.count - 200..<bytes.count - 60)
    #expect(refusal(bytes) == .corrupt)
  }

  @Test(
    "More pixels than the limit, told from the header alone",
    arguments: Fixture.eachFormat)
  func tooManyPixels(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let pixels = try #require(ImageDecoder.header(of: Data(bytes))).pixels
    #expect(refusal(bytes, decoder: ImageDecoder(maximumPixels: pixels - 1)) == .tooManyPixels)
    #expect(refusal(bytes, decoder: ImageDecoder(maximumPixels: pixels)) == nil)
  }

  @Test("A header that claims four gigapixels")
  func pixelBomb() throws {
    var jpeg = try Fixture.bytes("jpeg-444.jpg")
    let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(refusal(jpeg) == .tooManyPixels)
    var png = try Fixture.bytes("png-rgb.png")
    png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(refusal(png) == .tooManyPixels)
  }

  @Test("A file larger than the limit is not read")
  func tooManyBytes() throws {
    do {
      _ = try ImageDecoder(maximumFileSize: 100).decode(contentsOf: Fixture.url("png-rgb.png"))
      Issue.record("read a file beyond the limit")
    } catch {
      #expect(error.code == .tooManyPixels)
    }
  }
}
