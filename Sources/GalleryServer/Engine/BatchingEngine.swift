public import FaceGallery

/// An engine for many requests at a time: each detects by itself, and the faces of all are embedded together.
public final class BatchingEngine: EmbeddingEngine {
  /// What was embedded so far.
  public struct Statistics: Sendable, Hashable {
    /// Faces that wait.
    public var waiting = 0
    /// Batches done.
    public var batches = 0
    /// Faces done.
    public var faces = 0
  }

  /// What the embeddings mean.
  public let fingerprint: EngineFingerprint
  /// The measured thresholds.
  public let operatingPoint: OperatingPoint
  /// How the engine is made again.
  public let specification: EngineSpecification?
  /// What the detector is called.
  public let detectorName: String?
  /// How many photos are searched for faces at the same time.
  public let concurrency: Int
  private let engine: any EmbeddingEngine
  private let queue: EmbeddingQueue

  /// An engine on top of another, which does the work with its own number of threads.
  public convenience init(_ engine: FaceEngine) { self.init(engine, batch: engine.batch) }

  /// An engine on top of another that embeds so many faces at a time.
  init(_ engine: any EmbeddingEngine, batch: Int) {
    fingerprint = engine.fingerprint
    operatingPoint = engine.operatingPoint
    specification = engine.specification
    detectorName = engine.detectorName
    concurrency = engine.concurrency
    self.engine = engine
    queue = EmbeddingQueue(batch: batch, threads: engine.concurrency) { faces throws(EngineError) in
      try engine.embed(faces)
    }
  }

  deinit { queue.stop() }

  /// What was embedded so far.
  public var statistics: Statistics { queue.statistics }

  /// Finds and embeds the faces in a photo, largest first; what `FaceEngine` gives, to the bit.
  public func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    try faces(in: ReducedImage(image), options: options)
  }

  /// As large as the engine wants photos.
  public func decodeSizeHint(for options: DetectionOptions) -> Int? { engine.decodeSizeHint(for: options) }

  /// As large as the engine searches photos.
  public func searchedPixels(
    ofWidth width: Int, height: Int, _ options: DetectionOptions
  ) throws(EngineError) -> Int {
    try engine.searchedPixels(ofWidth: width, height: height, options)
  }

  /// Finds and embeds the faces in a photo that may have been decoded smaller; what `FaceEngine` gives, to the bit.
  public func faces(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    let located = try locate(in: photo, options: options)
    return zip(located, try embed(located)).map { Face(detection: $0.detection, embedding: $1) }
  }

  /// Finds the faces in a photo on the caller's thread.
  public func locate(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [LocatedFace] {
    try EngineError.checkCancellation()
    return try engine.locate(in: photo, options: options)
  }

  /// Embeds faces that were found before in the same photo.
  public func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding] {
    try engine.embed(faces, in: image)
  }

  /// Embeds faces together with those of other callers.
  public func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    try EngineError.checkCancellation()
    let embeddings = try queue.embed(faces)
    // What comes next is the store: for a client that left nothing is stored.
    try EngineError.checkCancellation()
    return embeddings
  }
}
