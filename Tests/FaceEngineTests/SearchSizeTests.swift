import Imaging
import Testing

@testable import FaceEngine

@Suite("How large photos are searched")
struct SearchSizeTests {
  @Test("a photo is shrunk, enlarged and filled up to whole cells")
  func pixels() throws {
    let size = SearchSize(standardSide: 4_096, mostPixels: 1 << 26, cell: 32)
    func pixels(_ width: Int, _ height: Int, _ options: DetectionOptions) throws -> Int {
      try size.pixels(ofWidth: width, height: height, options)
    }
    #expect(try pixels(64, 32, DetectionOptions(upsampling: 0)) == 64 * 32)
    #expect(try pixels(65, 1, DetectionOptions(upsampling: 0)) == 96 * 32)
    #expect(try pixels(2_040, 2_040, DetectionOptions(upsampling: 2)) == 8_160 * 8_160)
    #expect(try pixels(8_192, 4_096, DetectionOptions(upsampling: 1)) == 8_192 * 4_096)
    #expect(try pixels(7_000, 7_000, DetectionOptions(maximumSide: 65_536)) == 7_008 * 7_008)
    #expect(try pixels(7_000, 3_500, DetectionOptions(upsampling: 2, maximumSide: 640)) == 2_560 * 1_280)
    for options in [
      DetectionOptions(upsampling: 1, maximumSide: 65_536), DetectionOptions(upsampling: 2),
    ] {
      let error = #expect(throws: EngineError.self) { try pixels(7_000, 7_000, options) }
      #expect(error?.code == .invalidOption && error?.message.contains("search_side") == true)
    }
  }

  @Test("YuNet takes what its network takes, and says so before it begins", .enabled(if: TestData.hasSFace))
  func engine() throws {
    let engine = try TestData.sface.get()
    let options = DetectionOptions(upsampling: 2)
    #expect(try engine.searchedPixels(ofWidth: 100, height: 100, options) == 416 * 416)
    for side in [2_049, 4_000] {
      let error = #expect(throws: EngineError.self) {
        try engine.locate(in: ReducedImage(RGBImage(width: side, height: side)), options: options)
      }
      #expect(error?.code == .invalidOption)
    }
  }
}
