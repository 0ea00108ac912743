import Foundation

/// Paths as people are shown them.
enum ShownPath {
  /// A path without the working directory in front.
  static func short(_ path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }
}
