internal import CLMDB
internal import Glibc
internal import Support

/// LMDB's table of readers and its locks, `lock.mdb`.
enum LockFile {
  /// Gives the lock file in a folder the room that LMDB will map and write through the map; makes it where there is none.
  ///
  /// LMDB makes it as long as it must be and leaves it without blocks: on a full disk, the first touch of a page of it would
  /// end the process with SIGBUS. Its length stays as it is, by which LMDB knows whether it is new, and which others rely on
  /// that have it mapped.
  ///
  /// The process must not have the environment open: its locks would end with the closing of the file.
  ///
  /// - Parameter readers: For how many a new one will have slots.
  /// - Throws: `ENOSPC`, `EDQUOT`, …. A file that cannot be opened for other reasons is left for LMDB to judge. So is one on a
  ///   file system that cannot give blocks before they are written: a full one of these is not found out here.
  static func reserve(in folder: String, readers: Int) throws(LMDBError) {
    let file = Glibc.open(folder + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, FileMode.file)
    guard file >= 0 else {
      guard [ENOSPC, EDQUOT, EIO].contains(errno) else { return }
      throw LMDBError(rawValue: errno)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw LMDBError(rawValue: errno) }
    let length = max(status.st_size, off_t(bytes(readers: readers)))
    // It has had them since it was made.
    if status.st_blocks * 512 >= length { return }
    while clmdb_take_blocks(file, length) != 0 {
      switch errno {
      case EINTR: continue
      case EOPNOTSUPP, ENOSYS: return
      default: throw LMDBError(rawValue: errno)
      }
    }
  }

  /// The length of a lock file that LMDB makes: a slot takes a cache line, and what comes before them three.
  private static func bytes(readers: Int) -> Int { 64 * (readers + 2) }
}
