import Foundation
import Imaging
import Testing

@Suite("The parts of a file that make its picture")
struct PicturePartsTests {
  /// The bytes of the parts, one after the other; nil where the file is one part.
  private func content(_ bytes: [UInt8]) -> [UInt8]? {
    PictureParts(of: Data(bytes)).map { $0.ranges.flatMap { bytes[$0] } }
  }

  @Test(
    "remarks in a JPEG file are none of them",
    arguments: Fixture.names.filter { $0.hasSuffix(".jpg") && !$0.hasPrefix("exif") })
  func jpeg(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let content = try #require(self.content(bytes), "\(name)")
    #expect(content.count <= bytes.count && content.count > bytes.count / 4)
    let remark = Array("rated with five stars".utf8)
    func segment(_ marker: UInt8) -> [UInt8] { [0xFF, marker, 0, UInt8(remark.count + 2)] + remark }
    let app = bytes[..<2] + segment(0xE1) + segment(0xFE) + segment(0xED) + bytes[2...]
    #expect(self.content(Array(app)) == content)
    #expect(self.content(bytes + [1, 2, 3]) == content)
    #expect(try ImageDecoder().decode(Array(app)) == ImageDecoder().decode(bytes))
  }

  @Test("remarks in PNG and WebP files are none of them", arguments: ["png-rgb.png", "webp-lossless.webp"])
  func chunks(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let content = try #require(self.content(bytes))
    let text = Array("five stars".utf8)
    let marked: [UInt8]
    if name.hasSuffix("png") {
      marked =
        bytes[..<33] + [0, 0, 0, UInt8(text.count)] + Array("tEXt".utf8) + text + [0, 0, 0, 0] + bytes[33...]
    } else {
      var file = bytes + Array("XMP ".utf8) + [UInt8(text.count), 0, 0, 0] + text
      let size = file.count - 8
      for place in 0..<4 { file[4 + place] = UInt8(truncatingIfNeeded: size >> (8 * place)) }
      marked = file
    }
    #expect(self.content(marked) == content)
  }

  /// `exiftool -XMP:Rating=5 -EXIF:Artist=Somebody -XMP:Subject=family` (12.57) of the files of the same names.
  private static let rated = [
    "heic.heic", "heic-grid.heic", "avif.avif", "webp-lossless.webp", "jpeg-444.jpg", "png-rgb.png",
    "exif-6.jpg", "tiff-rgb.tif", "tiff-big-endian.tif", "tiff-jpeg.tif", "tiff-palette.tif",
    "tiff-planes.tif",
    "tiff-tiled.tif", "tiff-turned-6.tif", "tiff-pages.tif", "gif.gif", "gif-animated.gif", "jp2.jp2",
    "jp2-alpha.jp2",
    "jxl.jxl", "jxl-container.jxl", "jxl-animated.jxl",
  ]

  @Test("what exiftool writes into a file is none of them", arguments: rated)
  func exiftool(name: String) throws {
    let (bytes, marked) = (try Fixture.bytes(name), try Fixture.bytes("rated/\(name)"))
    #expect(bytes != marked)
    let original = try #require(content(bytes))
    #expect(original == content(marked))
    let parts = (PictureParts(of: Data(bytes)), PictureParts(of: Data(marked)))
    #expect(parts.0?.orientation == parts.1?.orientation)
    #expect(try ImageDecoder().decode(bytes) == ImageDecoder().decode(marked))
  }

  @Test(
    "EXIF data and other remarks in HEIC and AVIF files are none of them",
    arguments: Fixture.names.filter { $0.hasSuffix(".heic") || $0.hasSuffix(".avif") })
  func items(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let content = try #require(self.content(bytes), "\(name)")
    // What lies behind the last item is not of the picture.
    #expect(self.content(bytes + [0, 0, 0, 12] + Array("free1234".utf8)) == content)
    var changed = bytes
    let last = try #require(PictureParts(of: Data(bytes))?.ranges.last)
    changed[last.lowerBound] ^= 1
    #expect(self.content(changed) != content)
  }

  @Test("the orientation is told beside them", arguments: 1...8)
  func orientation(value: Int) throws {
    let parts = try #require(PictureParts(of: Data(try Fixture.bytes("exif-\(value).jpg"))))
    #expect(parts.orientation.rawValue == UInt8(value))
  }

  @Test(
    "other formats, and what is no picture, are one part",
    arguments: ["bmp-24.bmp", "pnm-rgb.ppm", "ico-png.ico"])
  func others(name: String) throws {
    #expect(PictureParts(of: Data(try Fixture.bytes(name))) == nil)
    #expect(PictureParts(of: Data()) == nil)
    #expect(PictureParts(of: Data("no picture".utf8)) == nil)
  }

  @Test(
    "cut or flipped files are one part, or parts within the file",
    arguments: [
      "jpeg-444.jpg", "png-rgb.png", "webp-lossless.webp", "exif-6.jpg", "heic-grid.heic", "avif.avif",
      "tiff-tiled.tif", "tiff-big-endian.tif", "tiff-bigtiff.tif", "tiff-pages.tif", "gif-animated.gif",
      "jp2.jp2",
      "jxl-container.jxl",
    ])
  func damaged(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for length in bytes.indices {
      let parts = PictureParts(of: Data(bytes[..<length]))
      #expect(parts?.ranges.allSatisfy { $0.upperBound <= length } ?? true)
    }
    for place in bytes.indices.prefix(2_000) {
      var flipped = bytes
      flipped[place] ^= 0xFF
      let parts = PictureParts(of: Data(flipped))
      #expect(parts?.ranges.allSatisfy { $0.upperBound <= flipped.count } ?? true)
    }
  }
}
