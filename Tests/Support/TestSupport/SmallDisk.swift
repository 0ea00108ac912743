package import Foundation

/// A file system in memory that is soon full; only the superuser can make one.
package final class SmallDisk {
  /// Its root.
  package let url: URL

  /// A file system of so many megabytes; nil where this user cannot make one.
  package init?(megabytes: Int) {
    url = FileManager.default.temporaryDirectory.appending(
      path: "disk-\(UUID().uuidString)", directoryHint: .isDirectory)
    guard (try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)) != nil else {
      return nil
    }
    guard mount("tmpfs", url.path(percentEncoded: false), "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      rmdir(url.path(percentEncoded: false))
      return nil
    }
  }

  /// Lets nobody write any more; false when that does not work.
  package func becomeReadOnly() -> Bool {
    mount(
      "tmpfs", url.path(percentEncoded: false), "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil)
      == 0
  }

  /// Leaves no room on it, to the last block.
  package func fill() throws {
    try Data().write(to: filling)
    let file = try FileHandle(forWritingTo: filling)
    defer { try? file.close() }
    let block = Data(count: 4096)
    while (try? file.write(contentsOf: block)) != nil {}
  }

  /// Gives the room back that ``fill()`` took.
  package func empty() throws { try FileManager.default.removeItem(at: filling) }

  private var filling: URL { url.appending(path: "filling") }

  /// Whether this user can make one.
  package static let isPossible = SmallDisk(megabytes: 1) != nil

  deinit {
    umount2(url.path(percentEncoded: false), Int32(MNT_DETACH))
    rmdir(url.path(percentEncoded: false))
  }
}
