public import FaceEngine
public import Imaging

/// What a gallery needs of an engine: ``FaceEngine`` is one, and a program may bring its own.
public protocol EmbeddingEngine: Sendable {
  /// What its embeddings mean; a gallery keeps to one fingerprint for life.
  var fingerprint: EngineFingerprint { get }

  /// Its measured thresholds.
  var operatingPoint: OperatingPoint { get }

  /// How many calls of ``faces(in:options:)`` run at the same time.
  var concurrency: Int { get }

  /// Finds and embeds the faces in a photo, largest first; empty when there is no face.
  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face]
}

extension FaceEngine: EmbeddingEngine {
  /// The engine's configured number of threads.
  public var concurrency: Int { configuration.threads }
}
