import Console
import FaceEngine
import Foundation
import Support

/// `weights fetch`: runs the script that comes with the program on the folder's manifest.
struct WeightsFetch {
  private let folder: URL
  private let optional: String?

  /// - Parameter optional: The word of files that are fetched only when they are asked for.
  init(_ folder: URL, optional: String? = nil) {
    (self.folder, self.optional) = (folder, optional)
  }

  /// Fetches what is missing; false when the script has said why it could not.
  func run() throws -> Bool {
    guard let script = InstalledFile.fetchScript else {
      throw InputError("fetch.py, which comes with the program, is not there: run `make install` again.")
    }
    guard !PathText.hasEscape(folder.path(percentEncoded: false)) else {
      throw InputError(
        "\(folder.path(percentEncoded: false)) has bytes in its name that pip cannot be given; choose another folder with --weights."
      )
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let manifest = try manifest()
    if let optional {
      let words = WeightsManifest(in: folder)?.files.compactMap(\.optional) ?? []
      guard words.contains(optional) else {
        throw UsageError(
          "weights fetch knows no \"\(optional)\""
            + (words.isEmpty ? "." : "; there are \(Set(words).sorted().joined(separator: ", "))."))
      }
    }
    process.arguments = ["python3", script.path, manifest.path] + (optional.map { ["--with", $0] } ?? [])
    process.standardOutput = FileHandle.standardError
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus == 127 {
      throw InputError("weights fetch needs Python: `apt install python3 python3-pip`.")
    }
    return process.terminationStatus == 0
  }

  /// The folder's manifest; a new folder gets the program's.
  private func manifest() throws -> URL {
    let url = folder.appending(path: "manifest.json")
    if InputFile.exists(url.path(percentEncoded: false)) { return url }
    guard let original = InstalledFile.manifest else {
      throw InputError("\(url.path) is not there, so nobody knows what belongs in this folder.")
    }
    do throws(SystemError) {
      try Folder.make(folder.path(percentEncoded: false))
      let manifest = try InputFile.read(original.path(percentEncoded: false))
      try ReplacementFile.write(manifest, to: url.path(percentEncoded: false), replacing: false)
    } catch {
      // Another process that fetches may have been first.
      guard error.code != EEXIST else { return url }
      throw InputError("\(error.description) Choose another folder with --weights.")
    }
    return url
  }
}
