package import Foundation
internal import Support

/// A weights file that is there and can be read, with its digest.
package struct WeightsFile: Sendable, Hashable {
  /// Where it is.
  package let path: String

  /// Its name without the folder.
  package var name: String { URL(filePath: path).lastPathComponent }

  /// SHA-256 of its bytes, in hexadecimal.
  package let digest: String

  /// Looks a file up in a folder of weights.
  ///
  /// - Throws: ``EngineError`` with code `missingWeights` when it is not there or cannot be read.
  package init(_ name: String, in directory: URL) throws(EngineError) {
    try self.init(directory.appending(path: name, directoryHint: .notDirectory))
  }

  /// Looks a file up.
  ///
  /// - Throws: ``EngineError`` with code `missingWeights` when it is not there or cannot be read.
  package init(_ url: URL) throws(EngineError) {
    path = url.path(percentEncoded: false)
    let bytes: Data
    do {
      bytes = try Data(contentsOf: url, options: .alwaysMapped)
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw EngineError(
        .missingWeights,
        exists
          ? "The weights file \(path) cannot be read; look at its permissions."
          : "The weights file \(path) is missing.", weights: exists ? nil : path)
    }
    digest = SHA256.hexadecimal(of: bytes)
  }
}
