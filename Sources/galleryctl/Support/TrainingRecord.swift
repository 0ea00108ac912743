import Console
import FaceEvaluation
import Foundation
import HeadTraining

/// What `train` came to, as `--json` shows it.
struct TrainingRecord: Encodable {
  let model: String
  let keras: String
  /// What `--engine` takes to use the model; nil behind convolutions that are not VGG16's.
  let engine: String?
  let features: FeatureReport
  let peopleTrained, peopleValidated, facesTrained: Int
  let epochs, bestEpoch: Int
  let validationBefore, validationAfter: Double
  let heldOut: HeldOutReport?
  let seconds: Double
  let samplesPerSecond: Double

  init(
    _ run: TrainingRun, _ features: FeatureReport, held: HeldOutReport?, seconds: Double,
    files: TrainingFiles,
    isVGG16: Bool
  ) throws {
    model = files.model.relativePath
    keras = files.keras.relativePath
    engine = isVGG16 ? "vgg16:" + model : nil
    self.features = features
    peopleTrained = run.split.training.count
    peopleValidated = run.split.validation.count
    facesTrained = run.split.training.reduce(0) { $0 + $1.count }
    epochs = run.history.count
    bestEpoch = run.bestEpoch
    validationBefore = run.before.accuracy
    validationAfter = run.after.accuracy
    heldOut = held
    self.seconds = seconds
    samplesPerSecond = run.samplesPerSecond
  }

  var text: String {
    var facts = [
      (
        "photos",
        "\(features.photos), \(features.withoutFace) without a face, \(features.unreadable.count) unreadable"
      ),
      (
        "features",
        "\(features.computed) computed, \(features.reused) from the cache of \(Format.bytes(features.bytes)); "
          + Format.duration(features.seconds)
      ),
      (
        "people",
        "\(peopleTrained) trained on with \(facesTrained) faces, \(peopleValidated) for validation"
      ),
      (
        "epochs",
        "\(epochs), the best \(bestEpoch); \(Format.duration(seconds)), "
          + "\(Int(samplesPerSecond)) samples a second"
      ),
      (
        "validation",
        "\(Format.fixed(validationAfter * 100, 2)) %, by the features alone "
          + "\(Format.fixed(validationBefore * 100, 2)) %"
      ),
    ]
    if let heldOut {
      facts.append(
        (
          "held out",
          "\(Format.fixed(heldOut.accuracy * 100, 2)) % of \(heldOut.pairs) pairs, by the features alone "
            + "\(Format.fixed(heldOut.featureAccuracy * 100, 2)) %"
            + (heldOut.mirroredAccuracy.map { ", with mirror images \(Format.fixed($0 * 100, 2)) %" } ?? "")
        ))
    }
    facts += [
      ("model", "\(model); for Keras \(keras)"),
      (
        "use it",
        engine.map { "--engine \($0)" }
          ?? "by a name in the weights folder's manifest.json, since its convolutions are not VGG16's"
      ),
    ]
    let damaged = features.unreadable.prefix(5).map { "unreadable: \($0)\n" }.joined()
    return Facts(facts).text + damaged
  }
}
