package import Foundation
package import NeuralNetwork
internal import Support

/// The weights file, or backbone and head, that an engine is read from.
package struct EmbeddingFiles {
  /// The weights.
  package let weights: URL
  /// The layers behind them, where they are a file of their own.
  package let head: URL?

  /// Finds the files of a choice.
  ///
  /// Files that the choice names are where the path says, else under the same name in the weights folder, as for a
  /// gallery that was moved.
  ///
  /// - Parameter name: The file for a choice without ``EngineSpecification/weights``, which lies in the weights folder and
  ///   nowhere else.
  package init(_ specification: EngineSpecification, default name: String = "", weightsDirectory: URL) {
    func find(_ path: String) -> URL {
      let url = URL(typed: path)
      if InputFile.exists(url.path(percentEncoded: false)) { return url }
      let beside = weightsDirectory.appending(path: url.lastPathComponent, directoryHint: .notDirectory)
      return InputFile.exists(beside.path(percentEncoded: false)) ? beside : url
    }
    weights =
      specification.weights.map(find) ?? weightsDirectory.appending(path: name, directoryHint: .notDirectory)
    head = specification.head.map(find)
  }

  /// Reads a network of any format.
  ///
  /// - Parameters:
  ///   - specification: What was chosen, for its operating point.
  ///   - preprocessing: What holds when the files have none on record.
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`.
  package func load(
    _ specification: EngineSpecification, preprocessing: Preprocessing? = nil
  ) throws(EngineError) -> EmbeddingNetwork {
    let network = try read()
    return try EmbeddingNetwork(
      network, digest: try digest(), preprocessing: preprocessing, augmentation: specification.augmentation,
      file: weights.lastPathComponent)
  }

  /// Reads the layers, those of the head behind the others.
  ///
  /// - Parameter digest: The SHA-256 of the weights file, in hexadecimal, where the caller has it.
  package func read(digest: String? = nil) throws(EngineError) -> Network {
    do {
      if let head { return try NetworkReader.network(at: weights, head: head) }
      return try NetworkReader.network(at: weights, digest: digest)
    } catch {
      throw EngineError(
        error.code == .inaccessible ? .missingWeights : .invalidWeights, error.message,
        weights: weights.path(percentEncoded: false))
    }
  }

  /// The digest by which the fingerprint knows the weights: of the file's bytes or, for our own format, of what it
  /// computes, so that storing an operating point in it changes nothing.
  func digest() throws(EngineError) -> String {
    var digests: [String] = []
    for url in [weights] + (head.map { [$0] } ?? []) {
      do {
        if try NetworkReader.format(of: url) == .safetensors {
          digests.append(try NetworkFile.digest(url))
          continue
        }
      } catch {
        throw EngineError(.invalidWeights, error.message, weights: url.path(percentEncoded: false))
      }
      digests.append(try WeightsFile(url).digest)
    }
    return digests.count == 1 ? digests[0] : SHA256.hexadecimal(of: Array(digests.joined().utf8))
  }
}
