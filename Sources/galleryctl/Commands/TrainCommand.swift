import Console
import FaceEngine
import FaceEvaluation
import Foundation
import HeadTraining
import NeuralNetwork
import Support

/// `galleryctl train`: an embedding head of one's own behind frozen convolutions.
enum TrainCommand: Subcommand {
  private static let standard = TrainingOptions()

  static let backbone = ValueOption<String>(
    "--backbone", placeholder: "FILE",
    help: "The weights of the convolutions, such as rcmalli_vggface_tf_notop_vgg16.h5; needed.")
  static let output = ValueOption<String>(
    "--out", "-o", placeholder: "MODEL.safetensors", help: "The model to write; needed.")
  static let cache = ValueOption<String>(
    "--cache", placeholder: "DIR", help: "Where features are kept; beside the model by default.")
  static let side = ValueOption<Int>(
    "--side", placeholder: "N",
    help: "Rows and columns of a face as the network sees it; \(Backbone.standardSide) by default.",
    in: 32...512)
  static let preprocessing = ValueOption<PreprocessingName>(
    "--preprocessing", placeholder: "KIND",
    help: "How photos become the network's input, where the backbone's file does not say; vggface by default."
  )
  static let augment = ValueOption<Int>(
    "--augment", placeholder: "N",
    help:
      "Further pictures of each face: mirrored, then shifted, darker and lighter; \(FeatureSet.standardAugmentations) by default.",
    in: 0...16)
  static let lastLayer = ValueOption<String>(
    "--last-layer", placeholder: "NAME",
    help:
      "The layer of the backbone that the head takes; \(Backbone.preferredLayer) by default, where there is one."
  )
  static let start = ValueOption<HeadStart>(
    "--start", placeholder: "KIND",
    help:
      "The head's first weights: a linear discriminant of the features, or random; \(standard.start.rawValue) by default."
  )
  static let shrinkage = ValueOption<Double>(
    "--shrinkage", placeholder: "X",
    help: "Regularises the discriminant, from 0 to 1; \(Format.plain(standard.shrinkage)) by default.")
  static let mining = ValueOption<TripletMining>(
    "--mining", placeholder: "KIND",
    help: "Which triplets of a batch count; \(standard.mining.rawValue) by default.")
  static let margin = ValueOption<Double>(
    "--margin", placeholder: "X",
    help:
      "Margin by which another person's photo is to be farther than one's own; \(Format.plain(standard.margin)) by default."
  )
  static let people = ValueOption<Int>(
    "--people", placeholder: "P", help: "People in a batch; \(standard.people) by default.")
  static let photos = ValueOption<Int>(
    "--photos", placeholder: "K", help: "Photos of each person in a batch; \(standard.photos) by default.")
  static let epochs = ValueOption<Int>(
    "--epochs", placeholder: "N", help: "Epochs at most; \(standard.epochs) by default.")
  static let patience = ValueOption<Int>(
    "--patience", placeholder: "N",
    help: "Epochs without a better validation after which it ends; \(standard.patience) by default.")
  static let rate = ValueOption<Double>(
    "--rate", placeholder: "X",
    help: "The first learning rate; \(Format.plain(standard.learningRate)) by default.")
  static let decay = ValueOption<Double>(
    "--decay", placeholder: "X",
    help: "Adam's decoupled weight decay; \(Format.plain(standard.weightDecay)) by default.")
  static let dropout = ValueOption<Double>(
    "--dropout", placeholder: "X",
    help:
      "Share of values left out behind the first two layers, per step; \(Format.plain(standard.dropout)) by default."
  )
  static let components = ValueOption<Int>(
    "--components", placeholder: "N",
    help:
      "Principal components that the first layer is trained on; \(standard.components) by default, 0 for the features."
  )
  static let validation = ValueOption<Double>(
    "--validation", placeholder: "X",
    help: "The share of people who decide when to stop; \(Format.plain(standard.validation)) by default.")
  static let seed = ValueOption<UInt64>(
    "--seed", placeholder: "N", help: "The same seed gives the same weights; \(standard.seed) by default.")
  static let holdOut = ValueOption<String>(
    "--hold-out", placeholder: "PAIRS",
    help: "Train on nobody in these pairs, of the form of LFW's pairs.txt, and verify them at the end.")
  static let fold = ValueOption<Int>(
    "--fold", placeholder: "N", help: "Hold out this fold of the pairs only.",
    where: ("from 1", { $0 >= 1 }))
  static let resume = Flag("--resume", help: "Go on where a run with the same options was interrupted.")

  static let description = CommandDescription(
    name: "train",
    summary: "Trains an embedding head on photos of known people, by triplets.",
    discussion:
      "Each sub-folder of PEOPLE is a person. Faces are found (by yunet, unless --detector names another), cut out and run through the convolutions once; the "
      + "features are kept, so that a further run begins at once. Beside MODEL.safetensors come MODEL.weights.h5 (the "
      + "head for Keras), MODEL.csv, and pictures: MODEL-curve, -before, -after, -distances (.svg, .png). A checkpoint "
      + "is kept after each epoch until the end.",
    positionals: [PeopleFolder.positional],
    options: [
      backbone, output, cache, side, lastLayer, preprocessing, augment, start, shrinkage, mining, margin,
      people, photos, epochs, patience,
      rate, decay, dropout, components, validation, seed, holdOut, fold, resume,
    ] + PeopleFolder.options,
    examples: [
      .init(
        "galleryctl train --backbone vgg16.h5 --out mine.safetensors people/",
        "trains, then: galleryctl add --engine vgg16:mine.safetensors …"),
      .init(
        "galleryctl train --backbone vgg.h5 -o m.safetensors --hold-out pairs.txt lfw/",
        "trains on nobody in the pairs, and verifies them at the end"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let weights = arguments[backbone], let out = arguments[output] else {
      throw UsageError("train needs --backbone FILE and --out MODEL.safetensors.")
    }
    let files = TrainingFiles(URL(typed: out))
    try OutputPlace.check(files.model, for: "--out")
    if let folder = arguments[cache] { try OutputPlace.check(URL(typed: folder), for: "--cache") }
    guard files.model.pathExtension == "safetensors" else {
      throw UsageError("--out writes .safetensors, not \"\(files.model.lastPathComponent)\".")
    }
    let folder = files.model.deletingLastPathComponent()
    guard InputFile.exists(folder.path(percentEncoded: false)) else {
      throw InputError("\(folder.relativePath) does not exist: --out writes into a folder that is there.")
    }
    let options = try trainingOptions(arguments)
    let interruption = InterruptionNote(
      "Interrupted. The features and the last epoch's checkpoint are kept: the same command with --resume goes on."
    )
    defer { interruption.cancel() }
    let dataset = try PeopleFolder.photos(arguments)
    let held = try heldOut(arguments, dataset)
    let threads = PeopleFolder.threads(arguments)
    let backbone = try Backbone(
      URL(typed: weights), side: arguments[side] ?? Backbone.standardSide, lastLayer: arguments[lastLayer],
      preprocessing: arguments[preprocessing]?.preprocessing,
      configuration: EngineConfiguration(
        weightsDirectory: arguments.weightsURL, detector: arguments[DetectionFlags.detector],
        threads: threads))
    let progress = ProgressBar(
      "features", total: dataset.photos.count, unit: "photos", enabled: arguments.showsProgress)
    let features = try FeatureSet(
      dataset, backbone: backbone, augmentations: arguments[augment] ?? FeatureSet.standardAugmentations,
      cache: arguments[cache].map { URL(typed: $0) } ?? files.features, threads: threads,
      decoder: arguments.decoder,
      progress: { progress.update($0) })
    progress.finish()
    let start = ContinuousClock.now
    let resumed = arguments[resume] && InputFile.exists(files.checkpoint.path(percentEncoded: false))
    var run = try TrainingRun(
      features, options: options,
      excluding: Set(held.flatMap { [$0.first, $0.second] }.map { dataset.photos[$0].person }),
      resuming: resumed ? files.checkpoint : nil)
    let begun = run.history.count
    let loop = ContinuousClock.now
    do {
      try run.run(checkpoint: files.checkpoint) { record in
        if arguments.showsProgress {
          let pace = ((ContinuousClock.now - loop) / .seconds(1)) / Double(record.epoch - begun)
          Terminal.note(
            "epoch \(record.epoch)/\(options.epochs)  loss \(Format.fixed(record.loss, 4))  "
              + "active \(Format.fixed(record.active * 100, 1)) %  "
              + "validation \(Format.fixed(record.validation * 100, 2)) %  "
              + "\(Format.duration(pace * Double(options.epochs - record.epoch))) left\n")
        }
        return true
      }
    } catch {
      guard error.code == .diverged, run.bestEpoch > 0 else { throw error }
      try files.write(run, backbone, people: dataset.people)
      throw TrainingError(.diverged, error.message + " \(files.model.relativePath) holds what was kept.")
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let record = try TrainingRecord(
      run, features.report, held: held.isEmpty ? nil : run.verify(held), seconds: seconds, files: files,
      isVGG16: VGG16Engine.isBackbone(of: backbone.network))
    do {
      try files.write(run, backbone, people: dataset.people)
    } catch {
      Terminal.note(
        "\(files.checkpoint.relativePath) keeps the training: the same command with --resume writes the model.\n"
      )
      throw error
    }
    Terminal.print(arguments[SharedOptions.json] ? try JSONOutput.text(record) : record.text)
    return .success
  }

  private static func trainingOptions(_ arguments: Arguments) throws -> TrainingOptions {
    var options = TrainingOptions()
    options.mining = arguments[mining] ?? options.mining
    options.margin = arguments[margin].map { Float($0) } ?? options.margin
    options.people = arguments[people] ?? options.people
    options.photos = arguments[photos] ?? options.photos
    options.epochs = arguments[epochs] ?? options.epochs
    options.patience = arguments[patience] ?? options.patience
    options.learningRate = arguments[rate].map { Float($0) } ?? options.learningRate
    options.weightDecay = arguments[decay].map { Float($0) } ?? options.weightDecay
    options.dropout = arguments[dropout].map { Float($0) } ?? options.dropout
    options.components = arguments[components] ?? options.components
    options.start = arguments[start] ?? options.start
    options.shrinkage = arguments[shrinkage].map { Float($0) } ?? options.shrinkage
    options.validation = arguments[validation] ?? options.validation
    options.seed = arguments[seed] ?? options.seed
    try options.check()
    return options
  }

  private static func heldOut(_ arguments: Arguments, _ dataset: PersonPhotos) throws -> [PairsFile.Pair] {
    guard let file = arguments[holdOut] else {
      if arguments[fold] != nil { throw UsageError("--fold needs --hold-out PAIRS.") }
      return []
    }
    let folds = try PairsFile(URL(typed: file), photos: dataset).folds
    guard let chosen = arguments[fold] else { return folds.flatMap { $0 } }
    guard chosen <= folds.count else {
      throw UsageError("--fold takes a number from 1 to \(folds.count), the folds of \(file), not \(chosen).")
    }
    return folds[chosen - 1]
  }
}
