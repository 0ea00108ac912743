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

  /// - Parameters:
  ///   - choice: How the engine in use is named, where that is known: a fingerprint knows the digest of a file only.
  ///   - storedChoice: The same of the engine that the gallery was filled with.
  /// - Throws: ``GalleryError`` with code `engineMismatch`, both engines and the remedy, unless both are the same.
  package static func check(
    _ engine: EngineFingerprint, against stored: EngineFingerprint, named choice: EngineSpecification? = nil,
    storedAs storedChoice: EngineSpecification? = nil
  ) throws(GalleryError) {
    guard engine != stored else { return }
    // Two of one word are told apart by what they are made of.
    let isOfOneWord = engine.word == stored.word
    let differences = isOfOneWord ? " (\(engine.differences(from: stored).joined(separator: "; ")))" : ""
    let own = choice?.description ?? engine.word
    let others = storedChoice?.description ?? stored.word
    let remedy = own == others ? "the files that it was filled with" : "--engine \(others)"
    throw GalleryError(
      .engineMismatch,
      "The gallery was filled by another engine: its engine is \(others), not \(own)\(differences). Use \(remedy), or change the "
        + "gallery by `galleryctl reembed --engine \(own)`.")
  }
}
