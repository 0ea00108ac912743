internal import FaceEngine

// A face's place in a photo, as records hold it; docs/gallery-format.md has the bytes.

extension ByteWriter {
  mutating func detection(_ face: DetectedFace) {
    for value in [face.box.x, face.box.y, face.box.width, face.box.height] {
      integer(Int32(clamping: value))
    }
    integer(UInt8(clamping: face.landmarks.count))
    for point in face.landmarks.prefix(Int(UInt8.max)) {
      double(point.x)
      double(point.y)
    }
    integer(Int32(clamping: face.quality.size))
    for value in [
      face.quality.sharpness, face.quality.yaw, face.quality.roll, face.quality.detectorScore,
    ] { float(value) }
  }
}

extension ByteReader {
  mutating func detection() throws(Malformed) -> DetectedFace {
    let box = PixelRect(
      x: Int(try integer(Int32.self)), y: Int(try integer(Int32.self)),
      width: Int(try integer(Int32.self)), height: Int(try integer(Int32.self)))
    var landmarks: [PixelPoint] = []
    for _ in 0..<(try integer(UInt8.self)) {
      landmarks.append(PixelPoint(x: try double(), y: try double()))
    }
    let size = Int(try integer(Int32.self))
    let quality = FaceQuality(
      size: size, sharpness: try float(), yaw: try float(), roll: try float(), detectorScore: try float())
    return DetectedFace(box: box, landmarks: landmarks, quality: quality)
  }
}
