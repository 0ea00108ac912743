import Console
import FaceEngine
import Foundation
import Support

/// The files of a weights folder: those of its manifest, and others that could be networks.
struct WeightsList: Encodable {
  /// How a file is.
  enum State: String, Encodable {
    /// There, with the digest of the manifest.
    case there
    /// Not there.
    case missing
    /// Not there, and only fetched when it is asked for.
    case optional
    /// There, with another digest.
    case changed
    /// The manifest names it, and its bytes are the user's own.
    case own
  }

  /// A file.
  struct File: Encodable {
    let name: String
    let state: State
    let bytes: Int?
    let licence: String?
    let purpose: String?
    let engine: String?
    /// The word by which `weights fetch` gets an optional file.
    let fetch: String?
  }

  let folder: String
  let files: [File]

  init(_ folder: URL) throws {
    self.folder = folder.path(percentEncoded: false)
    let listed = WeightsManifest(in: folder)?.files ?? []
    let names = Set(listed.map(\.name))
    let others = try Self.names(in: self.folder).filter {
      !names.contains($0) && ["safetensors", "h5", "keras"].contains(URL(filePath: $0).pathExtension)
    }
    files =
      listed.map { File($0, in: folder) }
      + others.map { name in
        File(
          name: name, state: .own, bytes: Self.size(folder.appending(path: name)), licence: nil,
          purpose: "not in the manifest", engine: nil, fetch: nil)
      }
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      let found = try Folder.names(in: folder)
      return (found.valid + found.invalid).sorted()
    } catch {
      guard error.code == ENOENT else { throw error }
      throw InputError(
        "\(folder) is not there: `galleryctl weights fetch` makes it, or --weights names another folder.")
    }
  }

  fileprivate static func size(_ url: URL) -> Int? {
    InputFile.status(of: url.path(percentEncoded: false)).map { Int($0.size) }
  }

  var report: Report {
    var table = Table(
      .left("file"), .left("state"), .right("size"), .left("licence"), .left("--engine"),
      .left("what it is", limit: 70))
    for file in files {
      table.append([
        file.name, file.state.rawValue + (file.state == .optional ? file.fetch.map { " (\($0))" } ?? "" : ""),
        file.bytes.map(Format.bytes) ?? "", file.licence ?? "",
        file.engine ?? "", file.purpose ?? "",
      ])
    }
    let absent = files.filter { $0.state == .missing || $0.state == .changed }.count
    let words = Set(files.filter { $0.state == .optional }.compactMap(\.fetch)).sorted()
    let note =
      (absent > 0 ? "; \(absent) to be had by `galleryctl weights fetch`" : "")
      + (words.isEmpty
        ? ""
        : "; the optional ones by " + words.map { "`galleryctl weights fetch \($0)`" }.joined(separator: ", "))
    return Report(table) + "\(Format.count(files.count, "file")) in \(folder)\(note)\n"
  }
}

extension WeightsList.File {
  init(_ file: WeightsManifest.File, in folder: URL) {
    let url = folder.appending(path: file.name)
    let state: WeightsList.State =
      switch (try? MappedFile(url.path(percentEncoded: false)), file.sha256) {
      case (nil, _): file.optional == nil ? .missing : .optional
      case (_?, nil): .own
      case (let bytes?, let digest?): bytes.digest() == digest ? .there : .changed
      }
    self.init(
      name: file.name, state: state, bytes: WeightsList.size(url) ?? file.bytes, licence: file.licence,
      purpose: file.purpose, engine: file.engine, fetch: file.optional)
  }
}
