import FaceEngine
import FaceGallery
import Imaging

/// An engine for pictures that say what is on them: see ``FakePhoto``.
struct FakeEngine: EmbeddingEngine {
  var fingerprint = Samples.fingerprint
  var operatingPoint = Samples.operatingPoint
  let concurrency = 2

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    if image[1, 0].red == 66 { throw EngineError(.internalFailure, "The engine failed on purpose.") }
    var faces: [Face] = []
    for index in 0..<Int(image[0, 0].red) {
      let (person, face, place) = image[index, 1]
      let (size, sharpness, yaw) = image[index, 2]
      let quality = FaceQuality(
        size: Int(size), sharpness: Float(sharpness) / 100, yaw: Float(yaw), roll: 0, detectorScore: 1)
      let box = PixelRect(x: Int(place) * 300, y: 5, width: Int(size), height: Int(size))
      let landmarks = (0..<5).map { PixelPoint(x: Double($0) + 0.25, y: Double(index)) }
      do {
        faces.append(
          Face(
            detection: DetectedFace(box: box, landmarks: landmarks, quality: quality),
            embedding: try Samples.embedding(person: Int(person), face: Int(face))))
      } catch {
        throw EngineError(.internalFailure, "\(error)")
      }
    }
    faces.sort { $0.detection.quality.size > $1.detection.quality.size }
    return Array(faces.prefix(options.maxFaces ?? .max))
  }
}

/// A picture for the ``FakeEngine``: its pixels list the faces.
struct FakePhoto {
  struct Face {
    var person: UInt8
    var face: UInt8
    /// Which part of the picture the face is in.
    var place: UInt8 = 0
    var size: UInt8 = 120
    var sharpness: UInt8 = 40
    var yaw: UInt8 = 0
  }

  var faces: [Face]
  var failsEngine = false

  /// A portrait.
  init(person: UInt8, face: UInt8) { faces = [Face(person: person, face: face)] }

  init(_ faces: [Face], failsEngine: Bool = false) {
    self.faces = faces
    self.failsEngine = failsEngine
  }

  var image: RGBImage {
    var image = RGBImage(width: 16, height: 16, red: 0, green: 0, blue: 0)
    image[0, 0] = (UInt8(faces.count), 0, 0)
    if failsEngine { image[1, 0] = (66, 0, 0) }
    for (index, face) in faces.enumerated() {
      image[index, 1] = (face.person, face.face, face.place)
      image[index, 2] = (face.size, face.sharpness, face.yaw)
    }
    return image
  }

  func photo(_ name: String? = nil) -> Photo { .image(image, name: name) }
}
