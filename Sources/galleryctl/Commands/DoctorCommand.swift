import Console
import FaceEngine
import FaceGallery
import Foundation
import VectorIndex

/// `galleryctl doctor`: is everything there and well?
enum DoctorCommand: Subcommand {
  static let description = CommandDescription(
    name: "doctor",
    summary: "Checks the machine, the weights and the gallery, and says what to mend.",
    discussion: "Exit status 4 says that something that is needed is missing or damaged.",
    examples: [.init("galleryctl doctor --json", "for scripts and reports")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let checks = machine() + libraries() + weights(arguments) + gallery(arguments)
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(checks))
    } else {
      var table = Table(.left("part"), .left("state"), .left("what was found", limit: 140))
      for check in checks { table.append([check.part, check.state.rawValue, check.finding]) }
      Terminal.print(table.text)
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
    [
      HealthCheck(
        "vector kernels", .good,
        "\(VectorKernels.active) of \(VectorKernels.available.joined(separator: ", "))"),
      HealthCheck("detector", .good, FaceEngine.detectorKernels),
      HealthCheck("BLAS", .good, FaceEngine.blas),
      HealthCheck(
        "libraries", .good,
        (Imaging.libraryVersions + FaceEngine.libraryVersions + Gallery.libraryVersions
          + Drawing.libraryVersions)
          .map { "\($0.name) \($0.version)" }.joined(separator: ", ")),
    ]
  }

  private static func weights(_ arguments: Arguments) -> [HealthCheck] {
    let folder = arguments.weightsURL
    let mend = "run `make set-up` in the package's folder, or name the folder with --weights"
    return WeightsManifest.standard.files.map { file in
      let url = folder.appending(path: file.name)
      guard let bytes = try? Data(contentsOf: url, options: .mappedIfSafe) else {
        return HealthCheck(file.name, .bad, "not in \(folder.path(percentEncoded: false)): \(mend)")
      }
      guard SHA256.hexadecimal(of: bytes) == file.sha256 else {
        return HealthCheck(file.name, .bad, "not the file that was measured (other SHA-256): \(mend)")
      }
      return HealthCheck(file.name, .good, url.path(percentEncoded: false))
    }
  }

  private static func gallery(_ arguments: Arguments) -> [HealthCheck] {
    let folder = arguments.galleryURL
    let path = folder.path(percentEncoded: false)
    do {
      let gallery = try Gallery.open(at: folder, options: GalleryOptions(access: .readOnly))
      try gallery.checkInvariants()
      let info = try gallery.info()
      let size =
        "\(Format.count(info.people, "person", plural: "people")), \(Format.count(info.faces, "face")) in \(path)"
      let snapshot = info.snapshot
      return [
        HealthCheck("gallery", .good, size),
        HealthCheck(
          "index", snapshot.problem == nil ? .good : .poor,
          snapshot.problem ?? "snapshot \(snapshot.state.rawValue)"),
      ]
    } catch let error where error.code == .notFound {
      return [HealthCheck("gallery", .absent, "none in \(path) yet: galleryctl add makes one")]
    } catch {
      return [HealthCheck("gallery", .bad, "\(error)")]
    }
  }
}
