internal import Glibc

extension EnvironmentCore {
  /// The limit that keeps the file from growing, if there is one.
  ///
  /// When a disk takes only a part of what is written, LMDB reports `EIO`, as for a disk that fails: which of
  /// the two it was is found here.
  func limitReached(path: String) -> LMDBError? { Self.limitReached(path: path, bytes: usedBytes) }

  /// The limit that keeps a file of so many bytes from growing, if there is one.
  static func limitReached(path: String, bytes: Int) -> LMDBError? {
    // What a commit may need beyond the file's present length.
    let need = UInt64(16 << 20)
    var disk = statvfs()
    if statvfs(path, &disk) == 0, UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < need { return .noSpace }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
      limit.rlim_cur < UInt64(bytes) + need
    {
      return .fileTooLarge
    }
    return nil
  }
}
