import Foundation
import Support

/// Files that come with the program: in a checkout, or below `share/facegallery` where `make install` puts them.
enum InstalledFile {
  /// The list of weights files.
  static var manifest: URL? { find("weights/manifest.json", "share/facegallery/weights/manifest.json") }

  /// The script that fetches what a manifest lists.
  static var fetchScript: URL? { find("Scripts/fetch.py", "share/facegallery/fetch.py") }

  /// The first of some paths that is there in a folder above the program, the nearest folder first.
  private static func find(_ paths: String...) -> URL? {
    var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path.count > 1 {
      for path in paths {
        let candidate = folder.appending(path: path, directoryHint: .notDirectory)
        if InputFile.exists(candidate.path(percentEncoded: false)) { return candidate }
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }
}
