package import FaceEngine
package import Imaging

extension FaceEngine {
  /// The face nearest to a photo's middle: data sets centre the person whom they name. Nil without a face.
  package func centralFace(in image: RGBImage) throws(EngineError) -> DetectedFace? {
    func offCentre(_ face: DetectedFace) -> Int {
      let x = 2 * face.box.x + face.box.width - image.width
      let y = 2 * face.box.y + face.box.height - image.height
      return x * x + y * y
    }
    return try detect(in: image, options: DetectionOptions(tryQuarterTurns: false))
      .min { offCentre($0) < offCentre($1) }
  }
}
