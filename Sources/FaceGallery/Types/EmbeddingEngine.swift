public import FaceEngine
public import Imaging

/// What a gallery needs of an engine: ``FaceEngine`` is one, and a program may bring its own.
public protocol EmbeddingEngine: Sendable {
  /// What its embeddings mean; a gallery keeps to one fingerprint for life.
  var fingerprint: EngineFingerprint { get }

  /// Its measured thresholds; ``OperatingPoint/uncalibrated`` when it has none.
  var operatingPoint: OperatingPoint { get }

  /// How the engine is made again, which a gallery remembers; nil for an engine that the program brings.
  var choice: EngineChoice? { get }

  /// How many calls of ``faces(in:options:)`` run at the same time.
  var concurrency: Int { get }

  /// Finds and embeds the faces in a photo, largest first; empty when there is no face.
  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face]

  /// Embeds faces that were found before in the same photo.
  func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding]
}

extension EmbeddingEngine {
  /// Nothing to remember.
  public var choice: EngineChoice? { nil }

  /// Finds the faces anew and takes those that share most with the ones asked for.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` for a face that is not found again.
  public func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding] {
    let found = try self.faces(in: image, options: DetectionOptions())
    var embeddings: [Embedding] = []
    for face in faces {
      let best = found.max {
        $0.detection.box.overlap(with: face.box) < $1.detection.box.overlap(with: face.box)
      }
      guard let best, face.box.isSameFace(best) else {
        throw EngineError(.invalidInput, "The face was not found again in its photo.")
      }
      embeddings.append(best.embedding)
    }
    return embeddings
  }
}

extension FaceEngine: EmbeddingEngine {
  /// The engine's choice with absolute paths.
  public var choice: EngineChoice? { configuration.engine.withAbsolutePaths }

  /// The engine's configured number of threads.
  public var concurrency: Int { configuration.threads }
}
