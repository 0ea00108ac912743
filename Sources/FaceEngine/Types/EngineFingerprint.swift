/// Everything that decides what an embedding means: two engines whose fingerprints differ give embeddings
/// that must not be compared.
///
/// The detector is not among it: the landmarks, not the box, decide where the chip is cut, so that a gallery
/// filled with one detector may be asked with another; `docs/accuracy.md` has the measurement.
public struct EngineFingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Landmarks, chip size and padding.
  public var alignment: String
  /// SHA-256 of the embedding network's weights, in hexadecimal.
  public var weightsDigest: String
  /// What is done to a chip's pixels before the network.
  public var preprocessing: String
  /// What is done to the network's output.
  public var normalization: String
  /// Components of an embedding.
  public var dimension: Int

  /// A fingerprint by its parts.
  public init(
    alignment: String, weightsDigest: String, preprocessing: String, normalization: String,
    dimension: Int
  ) {
    self.alignment = alignment
    self.weightsDigest = weightsDigest
    self.preprocessing = preprocessing
    self.normalization = normalization
    self.dimension = dimension
  }

  /// The parts on one line, each with its name, in a fixed order.
  public var description: String {
    "alignment=\(alignment); weights=\(weightsDigest); preprocessing=\(preprocessing); "
      + "normalization=\(normalization); dimension=\(dimension)"
  }

  /// SHA-256 of ``description`` in UTF-8, in hexadecimal: 64 characters.
  public var digest: String { SHA256.hexadecimal(of: Array(description.utf8)) }
}
