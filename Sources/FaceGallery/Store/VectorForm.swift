internal import FaceEngine

/// What the vectors of a gallery are like, as its engine decides.
struct VectorForm: Hashable, Sendable {
  let dimension: Int
  /// Tells the engine's vectors from another's in the checksums of a face record.
  let engine: UInt32

  init(_ fingerprint: EngineFingerprint) {
    dimension = fingerprint.dimension
    engine = CRC32C.of(fingerprint.digest.utf8)
  }
}
