import Foundation
import Imaging
import Testing

@Suite("Decoding gives the pixels that a file holds")
struct DecodingTests {
  @Test("The fixtures are there")
  func fixturesArePresent() {
    #expect(Fixture.names.count == 127)
  }

  @Test("of each format and variant", arguments: Fixture.names)
  func matchesPillow(name: String) throws {
    let image = try ImageDecoder().decode(contentsOf: Fixture.url(name))
    let difference = try #require(
      Fixture.difference(image, try Fixture.reference(name)),
      "the size differs: \(image.width) × \(image.height)")
    #expect(difference <= Self.tolerance(name))
  }

  /// Files without loss are equal; others may be rounded otherwise by another version of the library.
  private static func tolerance(_ name: String) -> Int {
    switch name {
    case _ where name.contains("cmyk"): 6
    case _ where name.hasSuffix(".jpg"), "jpeg-mpo.mpo", "tiff-jpeg.tif", "webp-lossy.webp", "jp2-lossy.jp2":
      3
    case _ where name.hasSuffix(".heic") || name.hasSuffix(".avif"): 3
    case "jxl-lossy.jxl", "jxl-turned-6.jxl": 1
    // The library takes the upper byte.
    case "tiff-grey16.tif": 1
    default: 0
    }
  }

  @Test("Of several pages, frames or pictures the first is read, and said so")
  func remarks() throws {
    for name in Fixture.names {
      let remarks = try ImageDecoder().decode(Fixture.bytes(name), sizeHint: nil).remarks
      let isFirst = name.contains("animated") || name.contains("pages")
      #expect(remarks.map(\.code) == (isFirst ? [.firstOfSeveral] : []), "\(name)")
    }
    let pages = try ImageDecoder().decode(Fixture.bytes("tiff-pages.tif"), sizeHint: nil).remarks
    #expect(pages.first?.message == "The file has several pages, of which the first is read.")
  }

  /// Made by `ffmpeg -f lavfi -i testsrc=d=1:r=3:s=48x32` (5.1).
  @Test(
    "An animation in PNG or AVIF is told to have several frames",
    arguments: ["animated.png", "animated.avif"])
  func animations(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let remarks = try ImageDecoder().decode(bytes, sizeHint: nil).remarks
    #expect(remarks.map(\.message) == ["The file has several frames, of which the first is read."])
    guard name.hasSuffix("png") else { return }
    // With one frame it is a picture: the number of frames follows the chunk's name; its checksum follows that of repeats.
    let chunk = try #require(Data(bytes).firstRange(of: Data("acTL".utf8))).lowerBound
    var single = bytes
    single[chunk + 7] = 1
    single.replaceSubrange(chunk + 12..<chunk + 16, with: Self.checksum(single[chunk..<chunk + 12]))
    #expect(try ImageDecoder().decode(single, sizeHint: nil).remarks.isEmpty)
  }

  /// The CRC of a chunk of PNG, the highest byte first.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
    }
    return (0..<4).reversed().map { UInt8(truncatingIfNeeded: ~sum >> (8 * $0)) }
  }

  @Test("Every file is looked for in folders under the ending that it has here")
  func extensions() {
    for name in Fixture.names {
      #expect(ImageDecoder.fileExtensions.contains((name as NSString).pathExtension), "\(name)")
    }
  }

  @Test("The number of pixels is told from the header", arguments: Fixture.eachFormat)
  func pixelCount(name: String) throws {
    // HEVC knows no such small pictures: 64 × 64 pixels are stored, and cut when they are shown.
    let stored = name == "heic.heic" ? 64 * 64 : 37 * 23
    #expect(ImageDecoder.header(of: try Data(contentsOf: Fixture.url(name)))?.pixels == stored)
  }

  @Test("The format is told by the bytes, whatever the file is called")
  func wrongExtension() throws {
    let bytes = try Fixture.bytes("png-rgb.png")
    try Fixture.withFile(bytes, named: "portrait.jpg") { url throws in
      #expect(try ImageDecoder().decode(contentsOf: url) == Fixture.reference("png-rgb.png"))
    }
  }

  @Test(
    "A JPEG 2000 is decoded at a size that has the side asked for, as far as it was halved when it was written"
  )
  func reducedJPEG2000() throws {
    // Four resolutions.
    for name in ["jp2.jp2", "jp2-bare.j2k", "jp2-grey16.jp2", "jp2-alpha.jp2"] {
      let whole = try Fixture.reference(name)
      for (side, reduction) in [(37, 1), (18, 2), (9, 4), (1, 8)] {
        let reduced = try ImageDecoder().decode(Fixture.bytes(name), sizeHint: side)
        let (width, height) = ((37 + reduction - 1) / reduction, (23 + reduction - 1) / reduction)
        #expect(
          reduced.reduction == reduction && reduced.image.width == width && reduced.image.height == height)
        #expect(try reduced.full() == whole)
        let expected = try whole.resized(width: width, height: height)
        let error = zip(expected.pixels, reduced.image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(error / expected.pixels.count < 8 * reduction, "\(name) \(reduction)")
      }
    }
    #expect(try ImageDecoder().decode(Fixture.bytes("jp2-tiles.jp2"), sizeHint: 1).reduction == 2)
  }

  @Test("A JPEG is decoded at the smallest size that keeps the side asked for, other formats as they are")
  func reduced() throws {
    let image = try ImageDecoder().decode(Fixture.bytes("jpeg-444.jpg"))
    let large = try image.resized(width: 1_021, height: 700)
    let jpeg = [UInt8](try large.jpegData(quality: 95))
    for (side, reduction) in [(1_021, 1), (511, 1), (510, 2), (256, 2), (255, 4), (127, 8), (1, 8)] {
      let reduced = try ImageDecoder().decode(jpeg, sizeHint: side)
      #expect(reduced.reduction == reduction, "\(side)")
      let (width, height) = (reduced.image.width, reduced.image.height)
      #expect(width == (1_021 + reduction - 1) / reduction && height == (700 + reduction - 1) / reduction)
      #expect(try reduced.full() == ImageDecoder().decode(jpeg))
      let expected = try large.resized(width: width, height: height)
      let error = zip(expected.pixels, reduced.image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(error / expected.pixels.count < 4, "\(side)")
    }
    #expect(try ImageDecoder().decode(jpeg, sizeHint: nil).reduction == 1)
    let png = try ImageDecoder().decode(Fixture.bytes("png-rgb.png"), sizeHint: 1)
    #expect(try png.reduction == 1 && png.image == Fixture.reference("png-rgb.png"))
  }

  @Test("A JPEG 2000 whose tiles have fewer resolutions than its header says is decoded whole, and shrunk")
  func unevenTiles() throws {
    let whole = try Fixture.reference("jp2-uneven-tiles.j2k")
    for (side, reduction) in [(18, 2), (9, 4), (1, 8)] {
      let reduced = try ImageDecoder().decode(Fixture.bytes("jp2-uneven-tiles.j2k"), sizeHint: side)
      #expect(reduced.reduction == reduction)
      let (width, height) = (
        (whole.width + reduction - 1) / reduction, (whole.height + reduction - 1) / reduction
      )
      #expect(reduced.image.width == width && reduced.image.height == height)
      let expected = try whole.resized(width: width, height: height)
      let error = zip(expected.pixels, reduced.image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(error / expected.pixels.count < 8 * reduction, "\(reduction)")
    }
  }

  @Test("A picture of more pixels than are kept whole is halved until it has no more")
  func largePictures() throws {
    let image = try ImageDecoder().decode(Fixture.bytes("jpeg-444.jpg"))
    let jpeg = try [UInt8](image.resized(width: 1_021, height: 700).jpegData(quality: 95))
    var decoder = ImageDecoder()
    decoder.wholePixels = 50_000
    for (side, reduction) in [(nil, 4), (1_021, 4), (300, 4), (127, 8), (1, 8)] {
      let reduced = try decoder.decode(jpeg, sizeHint: side)
      #expect(reduced.reduction == reduction, "\(side ?? 0)")
      let finest = try reduced.finest()
      #expect(finest.reduction == 4 && finest.image.width == 256 && finest.image.height == 175)
      #expect(try finest.finest().image == finest.image)
      #expect(try reduced.full() == ImageDecoder().decode(jpeg))
    }
    decoder.wholePixels = 1
    #expect(try decoder.decode(jpeg, sizeHint: nil).reduction == 8)
    let png = try decoder.decode(Fixture.bytes("png-rgb.png"), sizeHint: nil)
    #expect(try png.reduction == 1 && png.finest().image == Fixture.reference("png-rgb.png"))
    decoder.wholePixels = 1_021 * 700
    #expect(try decoder.decode(jpeg, sizeHint: 1).finest().reduction == 1)
  }

  @Test("A reduced picture is turned as the whole is", arguments: 1...8)
  func reducedOrientation(orientation: Int) throws {
    let bytes = try Fixture.bytes("exif-\(orientation).jpg")
    let whole = try ImageDecoder().decode(bytes)
    let reduced = try ImageDecoder().decode(bytes, sizeHint: 1)
    #expect(reduced.reduction == 8)
    #expect(reduced.image.width == (whole.width + 7) / 8 && reduced.image.height == (whole.height + 7) / 8)
    #expect(try reduced.full() == whole)
  }

  @Test("A damaged or cut off file is refused at any size")
  func reducedDamage() throws {
    let bytes = try Fixture.bytes("jpeg-444.jpg")
    for side in [1, 10, nil] {
      let error = #expect(throws: ImageError.self) {
        try ImageDecoder().decode(Array(bytes.prefix(bytes.count / 2)), sizeHint: side)
      }
      #expect(error?.code == .truncated)
    }
  }

  @Test("A name with spaces, accents and a percent sign is read")
  func unusualName() throws {
    try Fixture.withFile(try Fixture.bytes("png-rgb.png"), named: "Zoë 100% & Søn.png") { url throws in
      #expect(try ImageDecoder().decode(contentsOf: url).width == 37)
    }
  }

  @Test(
    "Without orientation the pixels stay as stored",
    arguments: ["exif-6.jpg", "exif-6.png", "exif-8.webp", "tiff-turned-6.tif", "jxl-turned-6.jxl"])
  func orientationCanBeLeftOut(name: String) throws {
    let image = try ImageDecoder(appliesOrientation: false).decode(contentsOf: Fixture.url(name))
    #expect(image.width == 37 && image.height == 23)
  }

  @Test("Data and bytes decode alike")
  func dataAndBytes() throws {
    let bytes = try Fixture.bytes("jpeg-420.jpg")
    #expect(try ImageDecoder().decode(Data(bytes)) == ImageDecoder().decode(bytes))
  }

  @Test(
    "Bytes after the picture do no harm",
    arguments: Fixture.eachFormat.filter { !$0.hasPrefix("heic") && !$0.hasPrefix("avif") })
  func trailingBytes(name: String) throws {
    let bytes = try Fixture.bytes(name)
    #expect(try ImageDecoder().decode(bytes + [1, 2, 3, 4]) == ImageDecoder().decode(bytes))
  }

  @Test("Stray bytes between the segments of a JPEG do no harm")
  func strayBytes() throws {
    var bytes = try Fixture.bytes("jpeg-444.jpg")
    let table = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDB })
    bytes.insert(contentsOf: [1, 2, 3], at: table)
    #expect(try ImageDecoder().decode(bytes) == ImageDecoder().decode(Fixture.bytes("jpeg-444.jpg")))
  }
}
