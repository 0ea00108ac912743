public import Foundation

extension URL {
  /// The file or folder of a path that somebody typed.
  ///
  /// Behind a link, `..` is the folder above the one where the link leads, as for the system; Foundation takes both out of the text
  /// and would name another file.
  public init(typed path: String, directoryHint: DirectoryHint = .inferFromPath) {
    self.init(filePath: path, directoryHint: directoryHint)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.lastIndex(of: "..") else { return }
    let upper = parts[...last].joined(separator: "/")
    let shortened = URL(filePath: upper, directoryHint: .isDirectory).standardizedFileURL
    let meant = Folder.real(upper)
    if let meant, meant == Folder.real(shortened.path(percentEncoded: false)) { return }
    let rest = parts[(last + 1)...].joined(separator: "/")
    // What leads nowhere goes on doing so: below a device nothing is, and nothing can be made.
    let nowhere = "/dev/null/" + parts.filter { $0 != ".." }.joined(separator: "/")
    let place = meant.map { $0 + "/" + rest } ?? nowhere
    self.init(filePath: place, directoryHint: directoryHint)
  }
}
