internal import FaceEngine

/// What is kept of a photo's face so that it is looked for only once: the landmarks, and how wide it is.
struct CachedFace {
  let landmarks: [PixelPoint]
  let width: Double

  /// Bytes of a record: the width, zero without a face, and five points.
  static let bytes = 88

  init(_ face: DetectedFace) {
    landmarks = face.landmarks
    width = Double(max(face.box.width, 1))
  }

  /// Reads a record; nil when it says that there is no face.
  init?(_ record: [UInt8]) {
    let values = record.withUnsafeBytes { bytes in
      (0..<11).map {
        Double(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self).littleEndian)
      }
    }
    guard values[0] > 0, values.allSatisfy(\.isFinite) else { return nil }
    width = values[0]
    landmarks = (0..<5).map { PixelPoint(x: values[1 + 2 * $0], y: values[2 + 2 * $0]) }
  }

  /// The face as an engine of the landmarks' scheme cuts it out, its landmarks moved.
  func moved(x: Double, y: Double, scheme: LandmarkScheme) -> DetectedFace {
    DetectedFace(
      box: PixelRect(x: 0, y: 0, width: Int(width), height: Int(width)),
      landmarks: landmarks.map { PixelPoint(x: $0.x + x, y: $0.y + y) }, scheme: scheme,
      quality: FaceQuality(size: 0, sharpness: 0, yaw: 0, roll: 0, detectorScore: 0))
  }

  /// The record of a face, or of there being none.
  static func record(_ face: CachedFace?) -> [UInt8] {
    let points = face?.landmarks ?? Array(repeating: PixelPoint(x: 0, y: 0), count: 5)
    let values = [face?.width ?? 0] + points.flatMap { [$0.x, $0.y] }
    return values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }
}
