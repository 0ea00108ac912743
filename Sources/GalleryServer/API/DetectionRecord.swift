internal import FaceGallery

/// Where a face is in its photo and how good it is, in JSON.
struct DetectionRecord: Encodable {
  let box: PixelRect
  let landmarks: [PixelPoint]
  let scheme: LandmarkScheme
  let quality: Quality

  /// The quality of a face in JSON.
  struct Quality: Encodable {
    let size: Int
    let sharpness: Float
    let yaw: Float
    let roll: Float
    let detectorScore: Float

    enum CodingKeys: String, CodingKey {
      case size, sharpness, yaw, roll
      case detectorScore = "detector_score"
    }
  }

  init(_ face: DetectedFace) {
    box = face.box
    landmarks = face.landmarks
    scheme = face.scheme
    quality = Quality(
      size: face.quality.size, sharpness: face.quality.sharpness, yaw: face.quality.yaw,
      roll: face.quality.roll,
      detectorScore: face.quality.detectorScore)
  }
}
