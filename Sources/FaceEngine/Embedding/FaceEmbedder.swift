package import Imaging
package import NeuralNetwork

/// Turns aligned chips into vectors. One file an implementation; see `docs/engine.md`.
///
/// An embedder is used by one thread at a time.
package protocol FaceEmbedder: AnyObject {
  /// SHA-256 of the weights, in hexadecimal.
  var weightsDigest: String { get }

  /// What is done to a chip's pixels before the network, for the fingerprint.
  var preprocessing: String { get }

  /// What is done to the network's output, for the fingerprint.
  var normalization: String { get }

  /// Rows of the chips it takes.
  var chipHeight: Int { get }

  /// Columns of the chips it takes.
  var chipWidth: Int { get }

  /// The most chips in one run of the network.
  var batch: Int { get }

  /// Components of its vectors.
  var dimension: Int { get }

  /// What each step of the network runs, in order.
  var steps: [LayerDescription] { get }

  /// Seconds that each of ``steps`` takes for the chips of the last run.
  func profile() throws(EngineError) -> [Double]

  /// An embedder for another thread that shares the weights of this one, which may be at work meanwhile.
  func sharingWeights() throws(EngineError) -> any FaceEmbedder

  /// The network's vectors as they are, one a chip and row by row: `chips.count * dimension` numbers.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` when a chip has another size.
  func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float]
}

extension FaceEmbedder {
  package var normalization: String { "unit length" }
}
