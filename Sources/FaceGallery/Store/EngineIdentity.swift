internal import FaceEngine
internal import Foundation
internal import LMDB

/// Whose embeddings are being added: what the gallery remembers at its first face.
struct EngineIdentity: Sendable {
  let fingerprint: EngineFingerprint
  let operatingPoint: OperatingPoint?
}

extension Store {
  /// Makes sure that embeddings of this engine may be added; the first one decides for the gallery.
  ///
  /// - Parameter identity: The engine; nil when the caller has none and relies on the gallery's.
  /// - Returns: Components that an embedding must have.
  /// - Throws: ``GalleryError``: `engineMismatch`, `engineNeeded`.
  func settleEngine(_ identity: EngineIdentity?, _ transaction: borrowing WriteTransaction) throws -> Int {
    if let stored = try fingerprint(transaction) {
      if let identity { try Self.checkEngine(identity.fingerprint, against: stored) }
      return stored.dimension
    }
    guard let identity else {
      throw GalleryError(
        .engineNeeded,
        "The gallery does not know yet whose embeddings it holds; open it with an engine or a fingerprint.")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let fingerprint = try encoder.encode(identity.fingerprint)
    try transaction.put([UInt8](fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    if let point = identity.operatingPoint {
      try transaction.put([UInt8](try encoder.encode(point)), for: MetaKey.operatingPoint, in: tables.meta)
    }
    return identity.fingerprint.dimension
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
