import Foundation

/// The shared library, as the package builds it.
enum Library {
  /// The folder that it is in: `$FACEGALLERY_BIN`, else that of the test bundle.
  static let folder =
    ProcessInfo.processInfo.environment["FACEGALLERY_BIN"].map { URL(filePath: $0) }
    ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

  static let file = folder.appending(path: "libvectorindex.so")
}
