import Console
import Foundation
import Support

/// `galleryctl weights`: the weights files of embedding networks.
enum WeightsCommand: Subcommand {
  static let output = ValueOption<String>(
    "--out", "-o", placeholder: "FILE",
    help: "Where import writes; else the file's name with .safetensors, in the working directory.")
  static let head = ValueOption<String>(
    "--head", placeholder: "FILE", help: "Put the layers of FILE behind those that are imported.")
  static let half = Flag("--half", help: "Store the weights in half precision: half the size.")
  static let size = ValueOption<ImageSize>(
    "--size", placeholder: "HxW",
    help: "Note this image size, where the imported file leaves it open; for ONNX, in place of the file's.")
  static let preprocessing = ValueOption<PreprocessingName>(
    "--preprocessing", placeholder: "NAME",
    help:
      "How photos become the network's input, where the file does not say: \(PreprocessingName.allArguments.joined(separator: ", ")); vggface by default for VGG16."
  )

  static let description = CommandDescription(
    name: "weights",
    summary: "Lists, fetches, inspects and imports the weights of embedding networks.",
    discussion: """
      ACTION is one of:
        list            the files of the weights folder, and what the manifest says of them
        fetch [NAME]    gets the manifest's files that are not there, each checked by its SHA-256, and those of NAME that
                        only some want, such as sface-f32
        inspect FILE    the layers, input and origin of a weights file
        import FILE     writes an ONNX network (.onnx), a Keras model (.keras, .h5), its weights (.h5) or dlib's face
                        network (.dat) as .safetensors, every layer checked
      """,
    positionals: [
      .init(
        "ACTION", help: "list, fetch, inspect or import.", choices: Action.allCases.map(\.rawValue)),
      .init("FILE", help: "A weights file, for inspect and import; a word, for fetch.", count: 0...1),
    ],
    options: [output, head, half, size, preprocessing, Report.csv],
    examples: [
      .init("galleryctl weights list", "shows which files are there"),
      .init("galleryctl weights import vgg_embedding.keras --half", "writes vgg_embedding.safetensors"),
      .init(
        "galleryctl weights import vgg16.h5 --head head.h5 -o mine.safetensors",
        "joins VGG16's convolutions and a head; then: galleryctl add --engine vgg16:mine.safetensors people/"),
      .init(
        "galleryctl weights import w600k_mbf.onnx --preprocessing arcface",
        "checks every layer of an ONNX network and writes w600k_mbf.safetensors"),
      .init("galleryctl weights inspect mine.safetensors", "lists its layers"),
    ])

  /// What can be done.
  private enum Action: String, CaseIterable {
    case list
    case fetch
    case inspect
    case `import`
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let word = arguments.positionals[0]
    guard let action = Action(rawValue: word) else {
      let near = Suggestion.nearest(to: word, among: Action.allCases.map(\.rawValue))
      throw UsageError(
        "weights takes list, fetch, inspect or import, not \"\(word)\""
          + (near.map { "; did you mean \"\($0)\"?" } ?? "."))
    }
    let file = arguments.positionals.dropFirst().first
    switch action {
    case .list:
      if let file { throw UsageError("weights \(word) does not take \"\(file)\": see --help.") }
      try list(arguments)
    case .fetch: return try fetch(file, arguments)
    case .inspect, .import:
      guard let file else { throw UsageError("weights \(word) needs FILE: see --help.") }
      if action == .inspect { try inspect(file, arguments) } else { try importing(file, arguments) }
    }
    return .success
  }

  private static func list(_ arguments: Arguments) throws {
    let list = try WeightsList(arguments.weightsURL)
    Terminal.print(arguments[SharedOptions.json] ? Report(try JSONOutput.text(list)) : list.report)
  }

  private static func fetch(_ optional: String?, _ arguments: Arguments) throws -> ExitCode {
    guard try WeightsFetch(arguments.weightsURL, optional: optional).run() else { return .trouble }
    try list(arguments)
    return .success
  }

  private static func inspect(_ file: String, _ arguments: Arguments) throws {
    let url = URL(typed: file)
    let beside = arguments.weightsURL.appending(path: file)
    let isHere = InputFile.exists(url.path(percentEncoded: false))
    let isInFolder = InputFile.exists(beside.path(percentEncoded: false))
    let record = try WeightsRecord(of: isHere || !isInFolder ? url : beside)
    Terminal.print(arguments[SharedOptions.json] ? Report(try JSONOutput.text(record)) : record.report)
  }

  private static func importing(_ file: String, _ arguments: Arguments) throws {
    let result = try WeightsImport(arguments, file: URL(typed: file)).run()
    Terminal.print(arguments[SharedOptions.json] ? try JSONOutput.text(result) : result.text)
  }
}
