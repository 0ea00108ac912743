package import Foundation
internal import GalleryStore
internal import Support

extension Gallery {
  /// Removes a gallery again in which nothing was ever stored: for a program that made it and then had nothing to store. One that somebody
  /// has open, that was changed, or beside which lies anything else, stays.
  ///
  /// - Parameters:
  ///   - url: The folder of a gallery that this process has closed.
  ///   - keepingFolder: Whether the folder stays, which was there before.
  /// - Returns: Whether it was removed.
  @discardableResult
  package static func removeUnused(at url: URL, keepingFolder: Bool) -> Bool {
    // The tables of an empty gallery are in nobody's way.
    if Stores.isServer(url) { return false }
    return (try? GalleryFolder(url).removeUnused(keepingFolder: keepingFolder)) ?? false
  }
}

extension GalleryFolder {
  /// What an empty gallery has, in the order in which it can be removed: the rest without the store's last file would be a damaged gallery.
  private var filesOfEmpty: [String] { ["index.snapshot", "index.lock", "photos.cache"] + files.storeFiles }

  fileprivate func removeUnused(keepingFolder: Bool) throws -> Bool {
    guard files.contents == .gallery else { return false }
    let state = try files.state()
    guard try isUnused() else { return false }
    return try files.whileUnused(suspending: nil) { _ in
      // Somebody may have stored something since.
      guard try files.state() == state else { return false }
      let (names, invalid) = try Folder.names(in: path)
      guard invalid.isEmpty, names.allSatisfy(filesOfEmpty.contains) else { return false }
      for name in filesOfEmpty { unlink("\(path)/\(name)") }
      if !keepingFolder { rmdir(path) }
      return true
    }
  }

  private func isUnused() throws -> Bool {
    let store = try Stores.open(
      at: URL(filePath: path, directoryHint: .isDirectory), access: .readOnly)
    return try store.read { try $0.counters().sequence } == 0
  }
}
