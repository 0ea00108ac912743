import Console
import Drawing
import FaceEngine
import FaceEvaluation
import Foundation
import Support

/// `galleryctl eval`: how accurate an engine is, on photos of known people.
enum EvalCommand: Subcommand {
  static let pairs = ValueOption<String>(
    "--pairs", placeholder: "FILE", help: "Verify the pairs of this file, of the form of LFW's pairs.txt.")
  static let cache = ValueOption<String>(
    "--cache", placeholder: "DIR", help: "Keep the embeddings in DIR, and take them from there the next time."
  )
  static let foldEngines = ValueOption<String>(
    "--fold-engines", placeholder: "PATTERN",
    help:
      "Verify each fold of --pairs with an engine of its own, and nothing else: # stands for the fold's number."
  )
  static let averaging = ValueOption<FaceAveraging>(
    "--average", placeholder: "KIND", help: "Average the embedding of a face over ten pictures of it: jitter."
  )
  static let wrongNames = ValueOption<String>(
    "--wrong-names", placeholder: "FILE",
    help: "Leave the photos and people that FILE lists, one a line, out of everything but the pairs.")
  static let report = ValueOption<String>(
    "--report", placeholder: "FILE", help: "Write the curves into an HTML page.")
  static let store = ValueOption<String>(
    "--store", placeholder: "FILE",
    help:
      "Store the measured thresholds and probabilities in this .safetensors weights file, or in the .json beside an ONNX file."
  )

  static let description = CommandDescription(
    name: "eval",
    summary: "Measures how accurate the engine is on photos of known people.",
    discussion:
      "Each sub-folder of PEOPLE is a person. Identification, thresholds and probabilities are measured on all of "
      + "them, verification on the pairs of --pairs. Where there are too few people for thresholds, probabilities or true matches, a warning says "
      + "how many are needed, and --store stores nothing (exit status 3).",
    positionals: [PeopleFolder.positional],
    options: [pairs, wrongNames, foldEngines, cache, averaging, report, store, Report.csv]
      + PeopleFolder.options,
    examples: [
      .init("galleryctl eval --pairs pairs.txt lfw/", "verification by LFW's protocol, and identification"),
      .init(
        "galleryctl eval --pairs pairs.txt --fold-engines vgg16:fold#.safetensors lfw/",
        "verification by ten models, each trained on nobody in its fold"),
      .init("galleryctl eval --report accuracy.html --cache cache/ lfw/", "draws the curves"),
      .init(
        "galleryctl eval --engine vgg16:own.safetensors --store own.safetensors people/",
        "measures a network of your own and notes its thresholds in its file"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    for option in [cache, report, store] {
      if let place = arguments[option] { try OutputPlace.check(URL(typed: place), for: option.name) }
    }
    let dataset = try PeopleFolder.photos(arguments)
    let pairs = try arguments[pairs].map { try PairsFile(URL(typed: $0), photos: dataset) }
    let errors = try arguments[wrongNames].map { try LabelErrors(URL(typed: $0), photos: dataset) }
    if let errors, errors.absent > 0 {
      Terminal.note(
        "\(Format.count(errors.absent, "line")) of \(arguments[wrongNames] ?? "") passed over: not in this folder\n"
      )
    }
    let threads = PeopleFolder.threads(arguments)
    if let file = arguments[report], ReplacementFile.target(of: file) != nil { _ = try ReplacementFile(file) }
    if let pattern = arguments[foldEngines] {
      return try verifyFolds(pattern, pairs, dataset, arguments)
    }
    let engine = try arguments.engineBesideGallery(threads: threads)
    if let file = arguments[store] {
      let choice = engine.configuration.engine
      guard !choice.hasBuiltInThresholds else {
        throw InputError(
          "Nothing is stored in \(file): the thresholds of \(choice.name) are part of the program, and --store notes those of a network of "
            + "your own, such as --engine onnx:own.onnx --store own.json or --engine vgg16:own.safetensors --store own.safetensors."
        )
      }
      try OperatingPoint.checkStore(inWeightsFile: URL(typed: file))
    }
    let progress = ProgressBar(
      "embedding", total: dataset.photos.count, unit: "photos", enabled: arguments.showsProgress)
    let faces = try FaceSet(
      dataset, engine: engine, averaging: arguments[averaging] ?? .none,
      cache: arguments[cache].map { URL(typed: $0) }, threads: threads, decoder: arguments.decoder,
      progress: { progress.update($0) })
    progress.finish()
    let record = try EvaluationRecord(dataset, faces, pairs, without: errors, engine)
    if let file = arguments[store], record.warnings == nil {
      try record.operatingPoint.store(
        inWeightsFile: URL(typed: file), augmentation: engine.configuration.engine.augmentation)
    }
    if let file = arguments[report] {
      try EvaluationPage(record).write(to: URL(typed: file))
    }
    Terminal.print(arguments[SharedOptions.json] ? Report(try JSONOutput.text(record)) : record.report)
    // What was measured is said all the same.
    if let file = arguments[store], let warnings = record.warnings {
      throw InputError("Nothing is stored in \(file). " + warnings.joined(separator: " "))
    }
    return .success
  }

  private static func verifyFolds(
    _ pattern: String, _ pairs: PairsFile?, _ dataset: PersonPhotos, _ arguments: Arguments
  ) throws -> ExitCode {
    guard let pairs else { throw UsageError("--fold-engines needs --pairs FILE.") }
    guard arguments[report] == nil, arguments[store] == nil, arguments[wrongNames] == nil else {
      throw UsageError(
        "--fold-engines measures verification only: leave out --report, --store and --wrong-names.")
    }
    guard pattern.contains("#"), EngineSpecification(pattern) != nil else {
      throw UsageError(
        "--fold-engines takes an engine with # for the fold's number, such as vgg16:fold#.safetensors, not \"\(pattern)\"."
      )
    }
    guard !arguments[Report.csv] else {
      throw UsageError("--fold-engines prints no table: leave out --csv.")
    }
    let threads = PeopleFolder.threads(arguments)
    var verification = FoldVerification()
    for (place, fold) in pairs.folds.enumerated() {
      let engine = try arguments.engine(
        EngineSpecification(pattern.replacing("#", with: "\(place + 1)")), threads: threads)
      let progress = ProgressBar(
        "fold \(place + 1)", total: FoldVerification.photos(of: fold).count, unit: "photos",
        enabled: arguments.showsProgress)
      try verification.add(
        fold, of: dataset, engine: engine, averaging: arguments[averaging] ?? .none,
        cache: arguments[cache].map { URL(typed: $0) }, threads: threads, decoder: arguments.decoder,
        progress: { progress.update($0) })
      progress.finish()
    }
    let record = FoldVerificationRecord(engines: pattern, verification: verification.report)
    Terminal.print(arguments[SharedOptions.json] ? try JSONOutput.text(record) : record.text)
    return .success
  }
}
