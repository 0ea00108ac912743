import FaceEngine
import Foundation
import Imaging
import Testing

/// dlib's own detector is the reference: the same boxes, whatever the instruction set.
@Suite("The HOG detector's kernels")
struct HOGDetectorTests {
  private static let kernels = ["avx512", "avx2", "portable"].filter {
    (try? HOGFaceDetector(kernel: $0)) != nil
  }

  private func compare(
    _ image: RGBImage, upsampling: Int = 0, minimumScore: Float = 0, _ what: Comment
  ) throws -> Int {
    let expected = try HOGFaceDetector(kernel: "dlib").detect(
      in: image, upsampling: upsampling, minimumScore: minimumScore)
    for name in Self.kernels {
      let found = try HOGFaceDetector(kernel: name).detect(
        in: image, upsampling: upsampling, minimumScore: minimumScore)
      #expect(found.map(\.box) == expected.map(\.box), "\(name), \(what)")
      for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-4, "\(name), \(what)") }
    }
    return expected.count
  }

  @Test(
    "photos, as they are and doubled",
    .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)),
    arguments: ["obama.jpg", "obama2.jpg", "group.jpg", "hanks.png", "biden.jpg", "astronaut.png"])
  func photos(name: String) throws {
    let photo = try TestData.photo(name)
    #expect(try compare(photo, "\(name)") > 0)
    let smaller = try photo.shrunk(toLongerSide: 331)
    _ = try compare(smaller, upsampling: 1, "\(name), doubled")
    // With a low threshold many windows answer, so that the features themselves are compared.
    _ = try compare(smaller, minimumScore: -0.7, "\(name), many windows")
  }

  @Test(
    "pictures of any size, down to nothing",
    arguments: [
      (1, 1), (2, 90), (7, 7), (20, 20), (23, 24), (79, 81), (80, 80), (96, 64), (97, 203), (131, 77),
      (640, 65),
    ])
  func sizes(width: Int, height: Int) throws {
    var state: UInt32 = 12_345
    let pixels = (0..<width * height * 3).map { place -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8((Int(state >> 26) + place / 3 % width * 2 + place / (3 * width)) & 255)
    }
    let image = try RGBImage(width: width, height: height, pixels: pixels)
    _ = try compare(image, minimumScore: -1.2, "\(width) × \(height)")
    _ = try compare(image, upsampling: 1, minimumScore: -1.2, "\(width) × \(height), doubled")
  }

  @Test(
    "a detector keeps nothing of the photo before",
    .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
  func reuse() throws {
    let detector = try HOGFaceDetector()
    let large = try TestData.photo("group.jpg")
    let small = try TestData.photo("obama.jpg").shrunk(toLongerSide: 400)
    let first = try detector.detect(in: small, upsampling: 0, minimumScore: 0)
    _ = try detector.detect(in: large, upsampling: 0, minimumScore: 0)
    let again = try detector.detect(in: small, upsampling: 0, minimumScore: 0)
    #expect(first == again && !first.isEmpty)
  }

  @Test("an unknown instruction set is refused")
  func unknown() {
    #expect(throws: EngineError.self) { try HOGFaceDetector(kernel: "sse9") }
  }
}
