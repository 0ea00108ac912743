internal import FaceGallery

/// The steps of an engine that a batch is made of.
protocol ChipEngine: Sendable {
  func locate(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [FaceEngine.Located]
  func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding]
}

extension FaceEngine: ChipEngine {}
