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
  public let choice: EngineChoice?
  /// How many photos are searched for faces at the same time.
  public let concurrency: Int
  private let steps: any ChipEngine
  private let queue: EmbeddingQueue

  /// An engine on top of another.
  ///
  /// - Parameters:
  ///   - engine: Does the work, with its own number of threads.
  ///   - maximumBatch: At most so many faces are embedded at once, more only when one photo has them.
  public init(_ engine: FaceEngine, maximumBatch: Int = 32) {
    fingerprint = engine.fingerprint
    operatingPoint = engine.operatingPoint
    choice = engine.choice
    concurrency = engine.concurrency
    steps = engine
    queue = EmbeddingQueue(engine, maximumBatch: maximumBatch)
  }

  deinit { queue.stop() }

  /// What was embedded so far.
  public var statistics: Statistics { queue.statistics }

  /// Finds and embeds the faces in a photo, largest first; what `FaceEngine` gives, to the bit.
  public func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    let detected = try steps.detect(in: image, options: options)
    guard !detected.isEmpty else { return [] }
    var chips: [RGBImage] = []
    for face in detected { chips.append(try steps.chip(of: face, in: image)) }
    return zip(detected, try queue.embed(chips)).map { Face(detection: $0, embedding: $1) }
  }
}
