package import Foundation

/// A new folder that is removed with its contents when the test is over.
package final class TemporaryFolder: Sendable {
  /// The folder.
  package let url: URL

  /// Makes the folder below the system's temporary one.
  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "facegallery-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The folder's path, without a slash at its end.
  package var path: String { url.path }
}
