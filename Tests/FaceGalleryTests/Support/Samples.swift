import FaceEngine
import Support

extension SplitMix64 {
  /// About normally distributed, mean 0, variance 1.
  mutating func normal() -> Float {
    (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &self) }
  }
}

/// Embeddings of made-up people: one direction a person, a little noise a face.
enum Samples {
  static let dimension = 128

  static func embedding(person: Int, face: Int, noise: Float = 0.4) throws -> Embedding {
    var centre = SplitMix64(UInt64(person) &* 7919 &+ 1)
    var jitter = SplitMix64(UInt64(person) &* 104_729 &+ UInt64(face) &* 1_299_709 &+ 2)
    return try Embedding(
      normalizing: (0..<dimension).map { _ in centre.normal() + noise * jitter.normal() })
  }

  static func name(_ person: Int) -> String { "Person \(person)" }

  /// Faces of so many people, so many each, in an order that mixes them.
  static func faces(people: Int, each: Int) throws -> [(name: String, embedding: Embedding)] {
    var faces: [(name: String, embedding: Embedding)] = []
    for face in 0..<each {
      for person in 0..<people { faces.append((name(person), try embedding(person: person, face: face))) }
    }
    return faces
  }

  static let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "0123", preprocessing: "none",
    normalization: "unit length", dimension: dimension)

  static let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-2, threshold: 0.5), .init(falseMatchRate: 1e-4, threshold: 0.6),
      .init(falseMatchRate: 1e-6, threshold: 0.7),
    ], slope: 20, offset: -12)
}
