import Console
import Drawing
import FaceEngine
import FaceGallery
import Foundation
import Imaging
import NeuralNetwork
import Support
import VectorIndex

/// `galleryctl doctor`: is everything there and well?
enum DoctorCommand: Subcommand {
  static let layers = Flag("--layers", help: "Also list the kernel that each layer of the network runs.")
  static let bench = Flag(
    "--bench", help: "Also measure decoding, detection and embedding here, and each layer of the network.")

  static let description = CommandDescription(
    name: "doctor",
    summary: "Checks the machine, the weights and the gallery, and says what to do.",
    discussion: "Exit status 4 says that something that is needed is missing or damaged.",
    options: [layers, bench, Report.csv],
    examples: [
      .init("galleryctl doctor --json", "for scripts and reports"),
      .init("galleryctl doctor --bench", "measures this machine for ten seconds"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let checks = machine() + libraries() + weights(arguments) + gallery(arguments)
    var report: MachineReport?
    if arguments[layers] || arguments[bench] {
      report = try MachineReport(
        arguments.engine(threads: arguments[bench] ? Machine.current.cores : 1), measuring: arguments[bench])
    }
    if arguments[SharedOptions.json] {
      if var report {
        report.checks = checks
        Terminal.print(try JSONOutput.text(report))
      } else {
        Terminal.print(try JSONOutput.text(checks))
      }
    } else {
      var table = Table(.left("part"), .left("state"), .left("what was found", limit: 140))
      for check in checks { table.append([check.part, check.state.rawValue, check.finding]) }
      Terminal.print(Report(table) + (report.map(\.report) ?? ""))
    }
    return checks.contains { $0.state == .bad } ? .trouble : .success
  }

  private static func machine() -> [HealthCheck] {
    let machine = Machine.current
    return [
      HealthCheck("system", .good, machine.system),
      HealthCheck("processor", .good, "\(machine.processor), \(Format.count(machine.cores, "core"))"),
      HealthCheck("memory", .good, Format.bytes(machine.memoryBytes)),
    ]
  }

  private static func libraries() -> [HealthCheck] {
    let versions =
      EngineLibraries.versions + ImagingLibraries.versions + Gallery.libraryVersions
      + DrawingLibraries.versions
    return [
      HealthCheck(
        "vector kernels", .good,
        "\(VectorKernels.active) of \(VectorKernels.available.joined(separator: ", "))"),
      HealthCheck("BLAS core", .good, EngineLibraries.blasCore),
      HealthCheck(
        "libraries", .good, versions.map { "\($0.name) \($0.version)" }.joined(separator: ", ")),
    ]
  }

  private static func weights(_ arguments: Arguments) -> [HealthCheck] {
    let folder = arguments.weightsURL
    let path = folder.path(percentEncoded: false)
    do {
      let engine = try arguments.engine()
      let print = engine.fingerprint
      let point = engine.operatingPoint.isCalibrated ? "thresholds measured" : "no thresholds measured"
      let choice = engine.configuration.engine
      let own = choice.weights.map { _ in
        EmbeddingFiles(choice, weightsDirectory: folder).weights.path(percentEncoded: false)
      }
      let checks = [
        HealthCheck(
          "engine", .good,
          "\(choice): detector \(engine.detector.rawValue), \(print.dimension) numbers, \(point); "
            + "weights \(print.weightsDigest.prefix(12))… in \(own ?? path)"),
        HealthCheck(
          "detector kernels", .good,
          try engine.detector == .hog
            ? EngineLibraries.detectorKernel() : MachineReport.kernels(in: engine.detectorSteps())),
        HealthCheck(
          "network kernels", .good,
          try "\(choice.precision.title): \(MachineReport.kernels(in: engine.networkSteps()))"),
        HealthCheck("@bf16", .good, halfKernels),
      ]
      guard let manifest = WeightsManifest(in: folder) else { return checks }
      return checks + manifest.files.map { check($0, in: folder) }
    } catch {
      return [HealthCheck("engine", .bad, "\(error)")]
    }
  }

  /// What an engine with `@bf16` would multiply with here.
  private static var halfKernels: String {
    InstructionSet.best == InstructionSet.bestOfFloat32
      ? "no bfloat16 on this processor: rounded, and multiplied by \(InstructionSet.best), no faster"
      : "multiplies bfloat16 by \(InstructionSet.best)"
  }

  private static func check(_ file: WeightsManifest.File, in folder: URL) -> HealthCheck {
    let url = folder.appending(path: file.name)
    let remedy = "run `galleryctl weights fetch`"
    guard let sha256 = file.sha256 else {
      let isThere = InputFile.exists(url.path(percentEncoded: false))
      return HealthCheck(file.name, isThere ? .good : .absent, isThere ? file.purpose : "yours to supply")
    }
    guard let bytes = try? MappedFile(url.path(percentEncoded: false)) else {
      if let word = file.optional {
        return HealthCheck(file.name, .absent, "optional: `galleryctl weights fetch \(word)`")
      }
      return HealthCheck(file.name, .bad, "not there: \(remedy)")
    }
    guard bytes.digest() == sha256 else {
      return HealthCheck(file.name, .bad, "not the file that was measured (other SHA-256): \(remedy)")
    }
    return HealthCheck(file.name, .good, file.purpose)
  }

  private static func gallery(_ arguments: Arguments) -> [HealthCheck] {
    do {
      return try gallery(arguments, at: arguments.galleryURL)
    } catch {
      return [HealthCheck("gallery", .bad, "\(error)")]
    }
  }

  private static func gallery(_ arguments: Arguments, at folder: URL) -> [HealthCheck] {
    let path = Gallery.place(of: folder)
    do {
      // Without an engine, which is told above, the rest is looked at all the same.
      let gallery = try Gallery.open(
        at: folder, engine: try? arguments.engine(), options: GalleryOptions(access: .readOnly))
      try gallery.checkInvariants()
      let info = try gallery.info()
      let size =
        "\(Format.count(info.people, "person", plural: "people")), \(Format.count(info.faces, "face")) in \(path)"
      let snapshot = info.snapshot
      if let server = info.server {
        return [
          HealthCheck("gallery", .good, size),
          HealthCheck(
            "database", .good,
            "\(server.version), pgvector \(server.vectorVersion), schema \(server.schema), change \(info.sequence); "
              + ServerText.role(server)),
        ]
      }
      return [
        HealthCheck("gallery", .good, size),
        HealthCheck(
          "index", snapshot.problem == nil ? .good : .poor,
          snapshot.problem ?? "snapshot \(snapshot.state.rawValue)"),
      ]
    } catch let error where error.code == .notFound {
      return [
        HealthCheck(
          "gallery", .absent,
          "none in \(path) yet: galleryctl \(Gallery.isOnServer(folder) ? "create" : "add") makes one")
      ]
    } catch {
      return [HealthCheck("gallery", .bad, "\(error)")]
    }
  }
}
