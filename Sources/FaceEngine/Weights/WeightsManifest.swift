package import Foundation
internal import Support

/// `manifest.json` of a weights folder: which files belong there, and what they are.
package struct WeightsManifest: Decodable, Sendable {
  /// A weights file.
  package struct File: Decodable, Sendable {
    /// The file's name in the folder.
    package let name: String
    /// The key in ``sources`` of the archive that holds it; nil when the user supplies it.
    package let source: String?
    /// Bytes; nil when the user supplies the file.
    package let bytes: Int?
    /// SHA-256, in hexadecimal; nil when the user supplies the file.
    package let sha256: String?
    /// The word by which `weights fetch` is asked for it; nil for a file that it always gets.
    package let optional: String?
    /// The licence of the weights.
    package let licence: String
    /// What it is for.
    package let purpose: String
    /// What it takes.
    package let input: String?
    /// What is done to pixels first.
    package let preprocessing: String?
    /// What it gives.
    package let output: String?
    /// The name by which `--engine` chooses it, for embedding networks without code of their own.
    package let engine: String?
  }

  /// An archive that files are fetched from.
  package struct Source: Decodable, Sendable {
    /// The package's name in its index.
    package let package: String
    /// The package's version.
    package let version: String
  }

  /// Where files come from, by name.
  package let sources: [String: Source]
  /// The files.
  package let files: [File]

  /// The manifest of `folder`; `nil` when there is none that can be read.
  package init?(in folder: URL) {
    let path = folder.appending(path: "manifest.json").path(percentEncoded: false)
    guard let data = try? InputFile.read(path),
      let manifest = try? JSONDecoder().decode(WeightsManifest.self, from: data)
    else { return nil }
    self = manifest
  }
}
