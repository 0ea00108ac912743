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
    do throws(SystemError) {
      digest = try MappedFile(path).digest()
    } catch {
      let isMissing = error.code == ENOENT
      throw EngineError(
        error.code == ENOMEM ? .outOfMemory : .missingWeights,
        isMissing
          ? "The weights file \(path) is missing."
          : "The weights file \(path) cannot be read: \(error.reason).",
        weights: isMissing ? path : nil)
    }
  }
}
