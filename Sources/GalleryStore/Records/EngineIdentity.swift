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

  /// - Throws: ``GalleryError`` with code `engineMismatch`, both engines and the remedy, unless both are the same.
  package static func check(
    _ engine: EngineFingerprint, against stored: EngineFingerprint
  ) throws(GalleryError) {
    guard engine != stored else { return }
    // Two of one word are told apart by what they are made of.
    let isOfOneWord = engine.word == stored.word
    let differences = isOfOneWord ? " (\(engine.differences(from: stored).joined(separator: "; ")))" : ""
    let own = isOfOneWord ? "the files that it was filled with" : "--engine \(stored.word)"
    throw GalleryError(
      .engineMismatch,
      "The gallery was filled by another engine: it has embeddings of \(stored.word), and in use is \(engine.word)\(differences). Use "
        + "\(own), or change the gallery by `galleryctl reembed --engine \(engine.word)`.")
  }
}
