internal import Support

/// Everything that decides what an embedding means: two engines whose fingerprints differ give embeddings
/// that must not be compared.
///
/// The detector is not among it: the landmarks, not the box, decide where the chip is cut, so that a gallery
/// filled with one detector may be asked with another; `docs/accuracy.md` has the measurement.
public struct EngineFingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind of embedding network: ``EngineSpecification/name``.
  public var network: String
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
  /// The numbers that the network multiplies.
  public var precision: EnginePrecision
  /// Which pictures of a face are embedded.
  public var augmentation: EngineAugmentation

  /// A fingerprint by its parts.
  public init(
    alignment: String, weightsDigest: String, preprocessing: String, normalization: String,
    dimension: Int, network: String = EngineSpecification.resNet.name, precision: EnginePrecision = .float32,
    augmentation: EngineAugmentation = .none
  ) {
    self.network = network
    self.alignment = alignment
    self.weightsDigest = weightsDigest
    self.preprocessing = preprocessing
    self.normalization = normalization
    self.dimension = dimension
    self.precision = precision
    self.augmentation = augmentation
  }

  /// Reads a fingerprint; one without ``network`` was written when there was only the ResNet, one without
  /// ``precision`` when there was only float32, one without ``augmentation`` when a face was always embedded as it is.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    network = try values.decodeIfPresent(String.self, forKey: .network) ?? EngineSpecification.resNet.name
    alignment = try values.decode(String.self, forKey: .alignment)
    weightsDigest = try values.decode(String.self, forKey: .weightsDigest)
    preprocessing = try values.decode(String.self, forKey: .preprocessing)
    normalization = try values.decode(String.self, forKey: .normalization)
    dimension = try values.decode(Int.self, forKey: .dimension)
    precision = try values.decodeIfPresent(EnginePrecision.self, forKey: .precision) ?? .float32
    augmentation = try values.decodeIfPresent(EngineAugmentation.self, forKey: .augmentation) ?? .none
  }

  /// The parts on one line, each with its name, in a fixed order; the ResNet's name, float32 and no augmentation are left out.
  public var description: String {
    (network == EngineSpecification.resNet.name ? "" : "network=\(network); ")
      + "alignment=\(alignment); weights=\(weightsDigest); preprocessing=\(preprocessing); "
      + "normalization=\(normalization); dimension=\(dimension)"
      + (precision == .float32 ? "" : "; precision=\(precision.rawValue)")
      + (augmentation == .none ? "" : "; augmentation=\(augmentation.rawValue)")
  }

  /// The engine as one word, as ``EngineSpecification/init(_:)`` reads it: `sface@flip`, `resnet`. FILE stands for weights that the user
  /// brought, of which a fingerprint has the digest only: `vgg16:FILE`.
  public var word: String {
    EngineSpecification(
      name: network, weights: EngineKinds.named(network)?.needsFile == true ? "FILE" : nil,
      precision: precision,
      augmentation: augmentation
    ).description
  }

  /// What two engines of one ``word`` may differ in, each with both values, this one's first; empty when they are the same.
  public func differences(from other: EngineFingerprint) -> [String] {
    [
      ("weights", String(weightsDigest.prefix(12)), String(other.weightsDigest.prefix(12))),
      ("alignment", alignment, other.alignment), ("preprocessing", preprocessing, other.preprocessing),
      ("normalization", normalization, other.normalization),
      ("dimension", "\(dimension)", "\(other.dimension)"),
    ].compactMap { name, own, others in own == others ? nil : "\(name) \(own), not \(others)" }
  }

  /// SHA-256 of ``description`` in UTF-8, in hexadecimal: 64 characters.
  public var digest: String { SHA256.hexadecimal(of: Array(description.utf8)) }
}
