internal import CLMDB
internal import Glibc

/// A copy of a database's file for who may read it but not write its lock file: without a slot there, writers would use the pages
/// again that are being read.
///
/// The copy is a file without a name in the folder of temporary files (`$TMPDIR`, else `/tmp`), its owner's alone, which ends with the process.
enum PrivateCopy {
  /// How often the file is copied before it is given up, because others change it meanwhile.
  private static let attempts = 20

  /// Opens a copy of the state of the last commit.
  ///
  /// - Parameter folder: Where `data.mdb` is.
  /// - Returns: Nil when others change it so often that no copy is of one state.
  /// - Throws: `EACCES` when the file may not be read, `ENOSPC`, …, and as for every other file.
  static func open(of folder: String) throws(LMDBError) -> EnvironmentCore? {
    let source = Glibc.open(folder + "/data.mdb", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard source >= 0 else { throw LMDBError(rawValue: errno) }
    defer { close(source) }
    let copy = try temporaryFile()
    // LMDB opens it anew.
    defer { close(copy) }
    for _ in 0..<attempts {
      let before = try FileHead.number(source)
      guard ftruncate(copy, 0) == 0 else { throw LMDBError(rawValue: errno) }
      try copyBytes(from: source, to: copy)
      // Pages of a state are written over only after the next commit but one.
      if let before, try FileHead.number(source) == before {
        return try EnvironmentCore(file: "/proc/self/fd/\(copy)", readOnly: true, isCopy: true)
      }
    }
    return nil
  }

  private static func temporaryFile() throws(LMDBError) -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var name = Array(((folder.isEmpty ? "/tmp" : folder) + "/facegallery-XXXXXX").utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw LMDBError(rawValue: errno) }
    unlink(name)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    return file
  }

  private static func copyBytes(from source: Int32, to copy: Int32) throws(LMDBError) {
    let room = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { buffer.deallocate() }
    var offset: off_t = 0
    while true {
      let count = pread(source, buffer.baseAddress, room, offset)
      if count == 0 { return }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw LMDBError(rawValue: errno)
      }
      var done = 0
      while done < count {
        let written = pwrite(copy, buffer.baseAddress.map { $0 + done }, count - done, offset + off_t(done))
        guard written > 0 || errno == EINTR else { throw LMDBError(rawValue: errno) }
        done += max(written, 0)
      }
      offset += off_t(count)
    }
  }
}
