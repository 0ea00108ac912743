import Support

/// Paths as people are shown them.
enum ShownPath {
  /// A path without the working directory in front.
  static func short(_ path: String) -> String {
    guard let folder = Folder.real(".").map({ $0 + "/" }), path.hasPrefix(folder) else { return path }
    return String(path.dropFirst(folder.count))
  }
}
