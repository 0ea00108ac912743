internal import Foundation

/// The folders that a gallery is brought in step with.
struct GivenFolders {
  /// A folder.
  struct Folder {
    /// How many folders its path names, itself among them.
    let depth: Int
    /// Its own name, if that may be a person's.
    let name: String?
  }

  private let folders: [PathBytes: Folder]

  /// - Parameter paths: The folders' paths, without `.` and `..`.
  init(_ paths: [String]) {
    let pairs = paths.map { path in
      (
        PathBytes(path),
        Folder(
          depth: path.split(separator: "/").count,
          name: DatasetFolder.ownName(of: URL(filePath: path, directoryHint: .isDirectory)))
      )
    }
    folders = Dictionary(pairs) { first, _ in first }
  }

  /// Whether a path is that of one of them.
  func contains(_ path: PathBytes) -> Bool { folders[path] != nil }

  /// Those in which a path lies, or whose it is, the nearest first.
  ///
  /// - Complexity: O(*d*) for a path of *d* folders.
  func holding(_ path: PathBytes) -> [Folder] {
    sequence(first: path) { $0.above }.compactMap { folders[$0] }
  }
}
