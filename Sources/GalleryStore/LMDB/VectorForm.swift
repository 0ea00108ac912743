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

/// The fingerprint of `meta` with what follows from it, which takes a digest.
struct StoredFingerprint: Decodable, Sendable {
  let fingerprint: EngineFingerprint
  let form: VectorForm

  init(from decoder: any Decoder) throws {
    fingerprint = try EngineFingerprint(from: decoder)
    form = VectorForm(fingerprint)
  }
}
