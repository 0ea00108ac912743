internal import FaceGallery

/// The steps of an engine that a batch is made of.
protocol ChipEngine: Sendable {
  func detect(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [DetectedFace]
  func chip(of face: DetectedFace, in image: RGBImage) throws(EngineError) -> RGBImage
  func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding]
}

extension FaceEngine: ChipEngine {}
