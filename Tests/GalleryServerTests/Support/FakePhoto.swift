import FaceGallery

/// A picture for the ``FakeEngine``: a pixel a face in the first row, whose red is the person and blue the face of theirs.
struct FakePhoto {
  /// The green of a pixel that is a face.
  static let face: UInt8 = 0
  /// The green of a pixel at which the engine fails; any other but the next ends the list.
  static let failure: UInt8 = 66
  /// The green of a pixel at which the engine says that the picture is of no use.
  static let unusable: UInt8 = 77

  var faces: [(person: Int, face: Int)]
  var failsEngine = false
  var isUnusable = false

  /// A portrait.
  init(person: Int, face: Int = 0) { faces = [(person, face)] }

  /// A photo of some people.
  init(_ people: Int...) { faces = people.map { ($0, 0) } }

  init(_ faces: [(person: Int, face: Int)], failsEngine: Bool = false, isUnusable: Bool = false) {
    self.faces = faces
    self.failsEngine = failsEngine
    self.isUnusable = isUnusable
  }

  /// The file's bytes; PNG keeps every pixel.
  func png() throws -> [UInt8] {
    let green = failsEngine ? Self.failure : isUnusable ? Self.unusable : 255
    var image = RGBImage(width: 32, height: 32, red: 0, green: green, blue: 0)
    for (place, face) in faces.enumerated() {
      image[place, 0] = (UInt8(face.person), Self.face, UInt8(face.face))
    }
    return [UInt8](try image.pngData())
  }
}
