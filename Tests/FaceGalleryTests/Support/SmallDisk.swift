import Foundation

/// A file system in memory that is soon full; only the superuser can make one.
final class SmallDisk {
  let url: URL

  init?(megabytes: Int) {
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

  /// Whether this user can make one.
  static let isPossible = SmallDisk(megabytes: 1) != nil

  deinit {
    umount2(url.path(percentEncoded: false), Int32(MNT_DETACH))
    rmdir(url.path(percentEncoded: false))
  }
}
