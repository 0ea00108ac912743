internal import CLMDB
internal import Glibc
internal import Support

/// A copy of a database's file for who may read it but not write its lock file: without a slot there, writers would use the pages
/// again that are being read.
///
/// The copy is a file without a name in the folder of temporary files (`$TMPDIR`, else `/tmp`), its owner's alone, which ends with the process.
enum PrivateCopy {
  /// How often the file is copied before it is given up, because others change it meanwhile.
  private static let attempts = 20

  /// The folder of temporary files.
  static var folder: String {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return named.isEmpty ? "/tmp" : named
  }

  /// Opens a copy of the state of the last commit.
  ///
  /// - Parameter folder: Where `data.mdb` is.
  /// - Returns: Nil when there is no place for a copy, or others change the file so often that no copy is of one state.
  /// - Throws: `EACCES` when the file may not be read, …, and as for every other file.
  static func open(of folder: String) throws(LMDBError) -> EnvironmentCore? {
    let source = Glibc.open(folder + "/data.mdb", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard source >= 0 else { throw LMDBError(rawValue: errno) }
    defer { close(source) }
    guard let copy = temporaryFile() else { return nil }
    // LMDB opens it anew.
    defer { close(copy) }
    for _ in 0..<attempts {
      let before = try FileHead.number(source)
      guard ftruncate(copy, 0) == 0, try copyBytes(from: source, to: copy) else { return nil }
      // Pages of a state are written over only after the next commit but one.
      if let before, try FileHead.number(source) == before {
        return try EnvironmentCore(file: "/proc/self/fd/\(copy)", readOnly: true, isCopy: true)
      }
    }
    return nil
  }

  /// A file that never had a name, so that a killed process leaves none; nil when the folder has no such files or cannot be written.
  private static func temporaryFile() -> Int32? {
    // Glibc's O_TMPFILE, a macro of two flags.
    let nameless = 0o20000000 | O_DIRECTORY
    let file = Glibc.open(folder, nameless | O_RDWR | O_CLOEXEC, FileMode.file)
    return file >= 0 ? file : nil
  }

  /// Copies all bytes, and leaves holes where the file has them; false when the copy cannot take them.
  private static func copyBytes(from source: Int32, to copy: Int32) throws(LMDBError) -> Bool {
    let room = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { buffer.deallocate() }
    var status = stat()
    guard fstat(source, &status) == 0 else { throw LMDBError(rawValue: errno) }
    var offset: off_t = 0
    // Linux' SEEK_DATA, which Glibc has for GNU's sources only.
    let nextData: Int32 = 3
    while true {
      let data = lseek(source, offset, nextData)
      if data > offset { offset = data }
      // Nothing but a hole up to the end.
      if data < 0, errno == ENXIO { return ftruncate(copy, max(offset, status.st_size)) == 0 }
      let count = pread(source, buffer.baseAddress, room, offset)
      if count == 0 { return true }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw LMDBError(rawValue: errno)
      }
      var done = 0
      while done < count {
        let written = pwrite(copy, buffer.baseAddress.map { $0 + done }, count - done, offset + off_t(done))
        guard written > 0 || errno == EINTR else { return false }
        done += max(written, 0)
      }
      offset += off_t(count)
    }
  }
}
