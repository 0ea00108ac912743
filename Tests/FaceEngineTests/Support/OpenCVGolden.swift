import FaceEngine
import Foundation
import Testing

/// What OpenCV's own code makes of the sample photos, made by Scripts/golden/make_yunet_sface.py.
struct OpenCVGolden: Decodable {
  struct Photo: Decodable, CustomTestStringConvertible {
    var photo: String
    var faces: [Face]
    var testDescription: String { photo }
  }

  struct Face: Decodable {
    /// Left, top, width, height.
    var box: [Double]
    var landmarks: [[Double]]
    var score: Float
    /// Means of 8 × 8 blocks of the chip of 112 pixels, red, green, blue.
    var chip: [Double]
    var embedding: [Float]

    var points: [PixelPoint] { landmarks.map { PixelPoint(x: $0[0], y: $0[1]) } }
  }

  struct Tensors: Decodable {
    var photo: String
    var columns: Int
    var outputs: [String: String]

    func values(_ name: String) throws -> [Float] {
      let text = try #require(outputs[name])
      let data = try #require(Data(base64Encoded: text))
      return data.withUnsafeBytes { bytes in
        (0..<data.count / 4).map {
          Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self).littleEndian)
        }
      }
    }
  }

  var photos: [Photo]
  var tensors: Tensors

  static let all: OpenCVGolden? = {
    let url = Bundle.module.url(forResource: "yunet-sface", withExtension: "json", subdirectory: "Golden")
    return url.flatMap { try? Data(contentsOf: $0) }.flatMap {
      try? JSONDecoder().decode(OpenCVGolden.self, from: $0)
    }
  }()

  static var photos: [Photo] { all?.photos ?? [] }
}
