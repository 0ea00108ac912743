import Foundation
import Imaging
import Testing

@Suite("Decoding gives the pixels that Pillow reads")
struct DecodingTests {
  @Test("The fixtures are there")
  func fixturesArePresent() {
    #expect(Fixture.names.count == 34)
  }

  @Test("of each format and variant", arguments: Fixture.names)
  func matchesPillow(name: String) throws {
    let image = try ImageDecoder().decode(contentsOf: Fixture.url(name))
    let difference = try #require(
      Fixture.difference(image, try Fixture.reference(name)),
      "the size differs: \(image.width) × \(image.height)")
    // Lossless files are equal; JPEG and lossy WebP may be rounded otherwise by another version of the library.
    let isLossy = name.hasSuffix(".jpg") || name == "webp-lossy.webp"
    #expect(difference <= (isLossy ? (name.contains("cmyk") ? 6 : 3) : 0))
  }

  @Test("The format is told by the bytes, whatever the file is called")
  func wrongExtension() throws {
    let bytes = try Fixture.bytes("png-rgb.png")
    try Fixture.withFile(bytes, named: "portrait.jpg") { url throws in
      #expect(try ImageDecoder().decode(contentsOf: url) == Fixture.reference("png-rgb.png"))
    }
  }

  @Test("A name with spaces, accents and a percent sign is read")
  func unusualName() throws {
    try Fixture.withFile(try Fixture.bytes("png-rgb.png"), named: "Zoë 100% & Søn.png") { url throws in
      #expect(try ImageDecoder().decode(contentsOf: url).width == 37)
    }
  }

  @Test(
    "Without orientation the pixels stay as stored", arguments: ["exif-6.jpg", "exif-6.png", "exif-8.webp"])
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
    "Bytes after the picture do no harm", arguments: ["jpeg-444.jpg", "png-rgb.png", "webp-lossless.webp"])
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
