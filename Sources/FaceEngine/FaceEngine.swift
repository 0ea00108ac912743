public import Imaging

/// From a photo to embeddings: finds the faces, aligns them, embeds them.
///
/// All methods may be called from any number of threads; ``EngineConfiguration/threads`` of them run at a time
/// and the rest wait. They compute for milliseconds to seconds and block their thread: an `async` program calls
/// them from threads of its own, not from the cooperative pool.
public final class FaceEngine: Sendable {
  /// What the engine was made of.
  public let configuration: EngineConfiguration

  /// What its embeddings mean; see ``EngineFingerprint``.
  public let fingerprint: EngineFingerprint

  /// Its measured thresholds.
  public let operatingPoint: OperatingPoint

  /// Loads the networks.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  public init(_ configuration: EngineConfiguration) throws(EngineError) {
    throw EngineError(.internalFailure, "The engine is not there yet.")
  }

  /// Finds the faces in a photo, largest first.
  public func detect(
    in image: RGBImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [DetectedFace] {
    throw EngineError(.internalFailure, "The engine is not there yet.")
  }

  /// Finds and embeds the faces in a photo, largest first; empty when there is no face.
  public func faces(
    in image: RGBImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [Face] {
    throw EngineError(.internalFailure, "The engine is not there yet.")
  }

  /// Cuts out a face as the network sees it: 150 × 150, turned upright, eyes at fixed places.
  public func chip(of face: DetectedFace, in image: RGBImage) throws(EngineError) -> RGBImage {
    throw EngineError(.internalFailure, "The engine is not there yet.")
  }

  /// Embeds faces that are already aligned chips of 150 × 150 pixels.
  public func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding] {
    throw EngineError(.internalFailure, "The engine is not there yet.")
  }
}
