internal import Glibc

/// What tells a file from every other one that is there at the same time, wherever it lies.
struct FileID: Hashable {
  private let device: UInt
  private let inode: UInt

  /// Nil, with the reason in `errno`, when there is no such file.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
  }
}
