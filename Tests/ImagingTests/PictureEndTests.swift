import Foundation
import Imaging
import Testing

@Suite("The end of picture files")
struct PictureEndTests {
  /// Nothing says where these end: a bare code stream of several frames, and a last number without a blank behind it.
  private static let unmarked: Set = ["jxl-animated.jxl", "pnm-rgb-text.ppm"]

  @Test("a whole file has its end", arguments: Fixture.names)
  func whole(name: String) throws {
    #expect(PictureEnd.isMissing(in: Data(try Fixture.bytes(name))) == Self.unmarked.contains(name))
  }

  @Test("a file that has lost its last bytes has none, or cannot be decoded", arguments: Fixture.names)
  func cut(name: String) throws {
    let bytes = try Fixture.bytes(name)
    // The last bytes of this file belong to nothing in it.
    let unused = name == "tiff-pages.tif" ? 11 : 0
    for count in unused + 1...unused + 3 {
      let part = Data(bytes.dropLast(count))
      if PictureEnd.isMissing(in: part) { continue }
      #expect(throws: ImageError.self, "\(name) without \(count)") { try ImageDecoder().decode(part) }
    }
  }

  @Test("a JPEG without its last marker is decoded, and has no end")
  func marker() throws {
    let bytes = try Fixture.bytes("jpeg-444.jpg")
    for count in 1...2 {
      let part = Data(bytes.dropLast(count))
      #expect(throws: Never.self) { try ImageDecoder().decode(part) }
      #expect(PictureEnd.isMissing(in: part))
    }
    #expect(!PictureEnd.isMissing(in: Data(bytes + [1, 2, 3])))
    #expect(!PictureEnd.isMissing(in: Data("\n \n".utf8) + Data(bytes)))
    #expect(!PictureEnd.isMissing(in: Data("no picture".utf8)))
  }
}
