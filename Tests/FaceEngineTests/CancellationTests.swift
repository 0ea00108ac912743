import FaceEngine
import Imaging
import Support
import Testing

@Suite("Work that nobody waits for any more")
struct CancellationTests {
  /// Finds nothing, so that it is asked once more for each turn and size of the picture; the client leaves meanwhile.
  private final class LeavingDetector: DlibDetector {
    let decodeSizeHint: Int? = nil
    let defaultMaximumSide = 1_000
    let halvesWhileLarge = false
    let cancellation: Cancellation
    let last: Int
    var searches = 0

    init(_ cancellation: Cancellation, last: Int) {
      self.cancellation = cancellation
      self.last = last
    }

    func detect(
      in image: RGBImage, upsampling: Int, minimumScore: Float
    ) throws(EngineError) -> [FoundFace] {
      searches += 1
      if searches == last { cancellation.cancel() }
      return []
    }
  }

  @Test("a search ends between two of its looks at the picture", arguments: [1, 2, 5])
  func search(last: Int) throws {
    let image = RGBImage(width: 100, height: 80)
    let cancellation = Cancellation()
    let detector = LeavingDetector(cancellation, last: last)
    let error = #expect(throws: EngineError.self) {
      try Cancellation.$current.withValue(cancellation) {
        try detector.search(ReducedImage(image), DetectionOptions(tryQuarterTurns: true))
      }
    }
    #expect(error?.code == .cancelled && detector.searches == last)
    // Without a client that could leave, all looks are taken.
    let whole = LeavingDetector(Cancellation(), last: 0)
    #expect(try whole.search(ReducedImage(image), DetectionOptions(tryQuarterTurns: true)).faces.isEmpty)
    #expect(whole.searches == 8)
  }

  @Test(
    "an engine begins nothing for somebody who has left",
    .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
  func engine() throws {
    let engine = try TestData.engine.get()
    let photo = try TestData.photo("obama.jpg")
    let cancellation = Cancellation()
    try Cancellation.$current.withValue(cancellation) {
      let faces = try engine.detect(in: photo)
      #expect(faces.count == 1)
      cancellation.cancel()
      let error = #expect(throws: EngineError.self) { try engine.detect(in: photo) }
      #expect(error?.code == .cancelled)
    }
  }
}
