import Foundation
import Imaging
import Testing

@Suite("Operations on pictures")
struct OperationTests {
  /// A picture whose pixels all differ.
  private func numbered(_ width: Int, _ height: Int) throws -> RGBImage {
    var pixels: [UInt8] = []
    for index in 0..<width * height {
      pixels += [UInt8(index % 256), UInt8(index / 256), UInt8(index * 7 % 256)]
    }
    return try RGBImage(width: width, height: height, pixels: pixels)
  }

  @Test("The number of bytes must fit the size")
  func initialization() {
    #expect(throws: ImageError.self) { try RGBImage(width: 2, height: 2, pixels: [1, 2, 3]) }
    #expect(throws: ImageError.self) { try RGBImage(width: 0, height: 2, pixels: []) }
    #expect(throws: ImageError.self) { try RGBImage(width: .max, height: .max, pixels: []) }
  }

  @Test("Every orientation moves each pixel where it belongs")
  func orientations() throws {
    let image = try numbered(7, 5)
    // Where the top left pixel and its right neighbour go.
    let expected: [(ImageOrientation, (Int, Int), (Int, Int))] = [
      (.up, (0, 0), (1, 0)), (.upMirrored, (6, 0), (5, 0)), (.down, (6, 4), (5, 4)),
      (.downMirrored, (0, 4), (1, 4)), (.leftMirrored, (0, 0), (0, 1)), (.right, (4, 0), (4, 1)),
      (.rightMirrored, (4, 6), (4, 5)), (.left, (0, 6), (0, 5)),
    ]
    for (orientation, first, second) in expected {
      let turned = image.oriented(orientation)
      #expect(turned.width == (orientation.swapsSides ? 5 : 7))
      #expect(turned[first.0, first.1] == image[0, 0], "\(orientation)")
      #expect(turned[second.0, second.1] == image[1, 0], "\(orientation)")
    }
  }

  @Test("Four quarter turns and two flips change nothing")
  func turnsCancel() throws {
    let image = try numbered(45, 70)
    #expect((0..<4).reduce(image) { turned, _ in turned.rotated(quarterTurns: 1) } == image)
    #expect(image.rotated(quarterTurns: -1) == image.rotated(quarterTurns: 3))
    #expect(image.rotated(quarterTurns: 2) == image.flippedHorizontally().flippedVertically())
    #expect(image.flippedHorizontally().flippedHorizontally() == image)
  }

  @Test("A crop is cut to the picture")
  func crops() throws {
    let image = try numbered(10, 8)
    let inside = try #require(image.cropped(x: 2, y: 3, width: 4, height: 2))
    #expect(inside.width == 4 && inside.height == 2 && inside[0, 0] == image[2, 3])
    let corner = try #require(image.cropped(x: -5, y: 6, width: 7, height: 100))
    #expect(corner.width == 2 && corner.height == 2 && corner[1, 1] == image[1, 7])
    #expect(image.cropped(x: 10, y: 0, width: 5, height: 5) == nil)
    #expect(image.cropped(x: 0, y: 0, width: 0, height: 5) == nil)
    #expect(image.cropped(x: 1, y: 1, width: .max, height: .max)?.width == 9)
    #expect(image.cropped(x: 0, y: 0, width: 10, height: 8) == image)
  }

  @Test("Shrinking averages areas")
  func shrinking() throws {
    let image = try RGBImage(
      width: 4, height: 2,
      pixels: [0, 40, 100, 200].flatMap { [$0, $0, $0] } + [10, 50, 110, 210].flatMap { [$0, $0, $0] })
    #expect(try image.resized(width: 2, height: 1).pixels == [25, 25, 25, 155, 155, 155])
    // 4 -> 3: each target pixel covers 1 1/3 source pixels.
    let thirds = try image.resized(width: 3, height: 2)
    #expect(thirds[0, 0].red == 10 && thirds[1, 0].red == 70 && thirds[2, 0].red == 175)
  }

  @Test("Enlarging interpolates between pixel centres")
  func enlarging() throws {
    let image = try RGBImage(width: 2, height: 1, pixels: [0, 0, 0, 200, 200, 200])
    #expect(
      try image.resized(width: 4, height: 1).pixels.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        == [0, 50, 150, 200])
  }

  @Test("One colour stays that colour at every size", arguments: [(1, 1), (3, 50), (64, 7), (129, 131)])
  func flatColour(width: Int, height: Int) throws {
    let image = RGBImage(width: 33, height: 21, red: 12, green: 200, blue: 77)
    #expect(
      try image.resized(width: width, height: height)
        == RGBImage(width: width, height: height, red: 12, green: 200, blue: 77))
  }

  @Test("Shrinking to a longer side keeps the proportions")
  func longerSide() throws {
    let image = RGBImage(width: 1_000, height: 10)
    let shrunk = try image.shrunk(toLongerSide: 50)
    #expect(shrunk.width == 50 && shrunk.height == 1)
    #expect(try image.shrunk(toLongerSide: 1_000) == image)
    #expect(throws: ImageError.self) { try image.shrunk(toLongerSide: 0) }
    #expect(throws: ImageError.self) { try image.resized(width: 0, height: 5) }
  }

  @Test("PNG keeps every pixel")
  func pngRoundTrip() throws {
    let image = try numbered(31, 17)
    #expect(try ImageDecoder().decode(image.pngData()) == image)
    let single = RGBImage(width: 1, height: 1, red: 1, green: 2, blue: 3)
    #expect(try ImageDecoder().decode(single.pngData()) == single)
  }

  @Test("JPEG keeps a smooth picture nearly as it is, and less at lower quality")
  func jpegRoundTrip() throws {
    let image = try Fixture.reference("png-rgb.png").resized(width: 200, height: 150)
    let fine = try image.jpegData(quality: 95)
    let coarse = try image.jpegData(quality: 30)
    #expect(try #require(Fixture.difference(ImageDecoder().decode(fine), image)) < 16)
    #expect(coarse.count < fine.count)
    #expect(throws: ImageError.self) { try image.jpegData(quality: 0) }
    #expect(throws: ImageError.self) { try image.jpegData(quality: 101) }
  }
}
