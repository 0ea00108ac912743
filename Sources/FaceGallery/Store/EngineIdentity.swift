internal import FaceEngine
internal import LMDB

/// Whose embeddings are being added: what the gallery remembers at its first face.
struct EngineIdentity: Sendable {
  let fingerprint: EngineFingerprint
  let operatingPoint: OperatingPoint?
  let choice: EngineSpecification?
}

extension Store {
  /// Makes sure that embeddings of this engine may be added; the first one decides for the gallery.
  ///
  /// - Parameter identity: The engine; nil when the caller has none and relies on the gallery's.
  /// - Returns: What a vector must be like.
  /// - Throws: ``GalleryError``: `engineMismatch`, `engineNeeded`.
  func settleEngine(_ identity: EngineIdentity?, _ transaction: borrowing WriteTransaction) throws
    -> VectorForm
  {
    if let stored = try fingerprint(transaction) {
      if let identity {
        try Self.checkEngine(identity.fingerprint, against: stored)
        try remember(identity, transaction)
      }
      return VectorForm(stored)
    }
    guard let identity else {
      throw GalleryError(
        .engineNeeded,
        "The gallery does not know yet whose embeddings it holds; open it with an engine or a fingerprint.")
    }
    try transaction.put(
      try SealedJSON.encode(identity.fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    try remember(identity, transaction)
    return VectorForm(identity.fingerprint)
  }

  /// Makes the gallery another engine's; its embeddings are replaced in the same transaction.
  func replaceEngine(_ identity: EngineIdentity, _ transaction: borrowing WriteTransaction) throws {
    try transaction.put(
      try SealedJSON.encode(identity.fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    try transaction.remove(MetaKey.operatingPoint, from: tables.meta)
    try transaction.remove(MetaKey.engineSpecification, from: tables.meta)
    try remember(identity, transaction)
  }

  /// Keeps what may change while the embeddings stay the same: where the weights lie, and the calibration.
  private func remember(_ identity: EngineIdentity, _ transaction: borrowing WriteTransaction) throws {
    if let point = identity.operatingPoint, point.isCalibrated, try operatingPoint(transaction) != point {
      try transaction.put(try SealedJSON.encode(point), for: MetaKey.operatingPoint, in: tables.meta)
    }
    if let choice = identity.choice, try engineSpecification(transaction) != choice {
      try transaction.put(try SealedJSON.encode(choice), for: MetaKey.engineSpecification, in: tables.meta)
    }
  }

  /// - Throws: ``GalleryError`` with code `engineMismatch` unless both are the same.
  static func checkEngine(
    _ engine: EngineFingerprint, against stored: EngineFingerprint
  ) throws(GalleryError) {
    guard engine != stored else { return }
    throw GalleryError(
      .engineMismatch,
      "The gallery holds embeddings of another engine (it has \(stored); in use is \(engine)); "
        + "use that engine, or make a new gallery.")
  }
}
