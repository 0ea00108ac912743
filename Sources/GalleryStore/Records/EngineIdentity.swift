package import FaceEngine

/// Whose embeddings are being added: what the gallery remembers at its first face.
package struct EngineIdentity: Sendable {
  package let fingerprint: EngineFingerprint
  package let operatingPoint: OperatingPoint?
  package let engine: EngineSpecification?

  package init(fingerprint: EngineFingerprint, operatingPoint: OperatingPoint?, engine: EngineSpecification?)
  {
    self.fingerprint = fingerprint
    self.operatingPoint = operatingPoint
    self.engine = engine
  }

  /// - Throws: ``GalleryError`` with code `engineMismatch` unless both are the same.
  package static func check(
    _ engine: EngineFingerprint, against stored: EngineFingerprint
  ) throws(GalleryError) {
    guard engine != stored else { return }
    throw GalleryError(
      .engineMismatch,
      "The gallery holds embeddings of another engine (it has \(stored); in use is \(engine)); "
        + "use that engine, or make a new gallery.")
  }
}
