internal import Foundation
internal import NeuralNetwork
internal import Support

/// Everything that the next epoch depends on: a run that goes on from it ends with the same weights.
struct TrainingState {
  var parameters: HeadParameters
  var adam: Adam
  var generator: SplitMix64
  var best: HeadParameters
  var history: [EpochRecord] = []
  /// The validation accuracy of the first weights.
  var startValidation = 0.0

  /// What a checkpoint says beside its tensors.
  private struct Header: Codable {
    let run: String
    let shape: HeadShape
    let steps: Int
    let generator: SplitMix64
    let history: [EpochRecord]
    let startValidation: Double
  }

  private static let key = "facegallery_training"

  init(_ parameters: HeadParameters, options: TrainingOptions, generator: SplitMix64) {
    self.parameters = parameters
    self.generator = generator
    adam = Adam(for: parameters, weightDecay: options.weightDecay)
    best = parameters
  }

  /// What a run and its checkpoint must agree in.
  static func identity(_ features: FeatureSet, _ options: TrainingOptions, _ split: PeopleSplit) -> String {
    var text = "\(features.inputs) \(features.variants) \(split)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    text += (try? encoder.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    for face in stride(from: 0, to: features.people.count, by: 17) {
      text += "\(features.rows([face]).reduce(0, +).bitPattern) "
    }
    return SHA256.hexadecimal(of: Array(text.utf8))
  }

  /// Writes a checkpoint beside itself and renames it.
  ///
  /// - Throws: ``TrainingError`` with code `inaccessible`; the checkpoint of an earlier epoch stays.
  func write(to url: URL, run: String) throws(TrainingError) {
    var tensors: [(name: String, tensor: Tensor)] = []
    for (name, head) in [("now", parameters), ("best", best)] {
      for (place, tensor) in (head.trained + head.statistics).enumerated() {
        tensors.append(("\(name).\(place)", tensor))
      }
    }
    for (name, moments) in [("first", adam.first), ("second", adam.second)] {
      for (place, values) in moments.enumerated() { tensors.append(("\(name).\(place)", Tensor(values))) }
    }
    let header = Header(
      run: run, shape: parameters.shape, steps: adam.steps, generator: generator, history: history,
      startValidation: startValidation)
    do {
      let json = try JSONEncoder().encode(header)
      try SafetensorsWriter.write(
        tensors, metadata: [Self.key: String(decoding: json, as: UTF8.self)], to: url)
    } catch {
      let reason = (error as? WeightsError)?.message ?? "\(error)"
      throw TrainingError(
        .checkpointNotSaved,
        "The checkpoint could not be written: \(reason) "
          + (history.count > 1 ? "The one of the epoch before is kept; free" : "Free")
          + " space and resume the run.")
    }
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: ``TrainingError`` with code `foreignFile` when it is damaged or of another run.
  init(_ url: URL, run: String, options: TrainingOptions) throws(TrainingError) {
    do {
      let file = try SafetensorsFile(url)
      guard let text = file.metadata[Self.key],
        let header = try? JSONDecoder().decode(Header.self, from: Data(text.utf8))
      else { throw TrainingError(.foreignFile, "\(url.path) is no checkpoint of a training.") }
      guard header.run == run else {
        throw TrainingError(
          .foreignFile,
          "\(url.path) is of a training with other photos, backbone or options: resume with the same ones, or delete it."
        )
      }
      let counts = HeadParameters.extents(header.shape)
      func head(_ name: String) throws(WeightsError) -> HeadParameters {
        var tensors: [Tensor] = []
        for place in 0..<counts.trained.count + counts.statistics.count {
          tensors.append(try file.tensor("\(name).\(place)"))
        }
        return HeadParameters(
          header.shape, trained: Array(tensors.prefix(counts.trained.count)),
          statistics: Array(tensors.dropFirst(counts.trained.count)))
      }
      self.init(try head("now"), options: options, generator: header.generator)
      best = try head("best")
      history = header.history
      startValidation = header.startValidation
      adam.steps = header.steps
      for place in counts.trained.indices {
        adam.first[place] = try file.tensor("first.\(place)").values
        adam.second[place] = try file.tensor("second.\(place)").values
      }
    } catch let error as WeightsError {
      throw TrainingError(.foreignFile, "The checkpoint cannot be used: \(error.message)")
    } catch let error as TrainingError {
      throw error
    } catch {
      throw TrainingError(.foreignFile, "\(url.path) cannot be read: \(error)")
    }
  }
}

/// What an epoch came to.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// From 1.
  public let epoch: Int
  /// The mean loss of its batches.
  public let loss: Double
  /// The share of triplets whose loss was above zero.
  public let active: Double
  /// Verification accuracy on the validation people after it.
  public let validation: Double
  /// The learning rate.
  public let learningRate: Float
}
