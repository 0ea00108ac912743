public import Foundation

extension URL {
  /// The file or folder of a path that somebody typed.
  ///
  /// Behind a link, `..` is the folder above the one where the link leads, as for the system; Foundation takes both out of the text
  /// and would name another file. A word that begins with `~` is a name as any other: the shell has put homes in the place of those it
  /// means. What is relative counts from the working folder, also where that folder's name is no UTF-8 or has something like `\xFC` in it.
  public init(typed path: String, directoryHint: DirectoryHint = .inferFromPath) {
    self.init(asWritten: path, directoryHint: directoryHint)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.lastIndex(of: "..") else { return }
    let upper = parts[...last].joined(separator: "/")
    let shortened = URL(asWritten: upper, directoryHint: .isDirectory).standardizedFileURL
    let meant = Folder.real(upper)
    if let meant, meant == Folder.real(shortened.path(percentEncoded: false)) { return }
    let rest = parts[(last + 1)...].joined(separator: "/")
    // What leads nowhere goes on doing so: below a device nothing is, and nothing can be made.
    let nowhere = "/dev/null/" + parts.filter { $0 != ".." }.joined(separator: "/")
    let place = meant.map { $0 + "/" + rest } ?? nowhere
    self.init(filePath: place, directoryHint: directoryHint)
  }

  private init(asWritten path: String, directoryHint: DirectoryHint) {
    let path = path.hasPrefix("~") ? "./" + path : path
    // Foundation takes the working folder's name as plain text.
    guard !path.hasPrefix("/"), let working = Folder.real("."), PathText.hasEscape(working) else {
      self.init(filePath: path, directoryHint: directoryHint)
      return
    }
    self.init(
      filePath: path, directoryHint: directoryHint,
      relativeTo: URL(filePath: working, directoryHint: .isDirectory))
  }
}
