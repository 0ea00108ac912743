internal import Glibc

/// An open file, closed when it goes.
struct File: ~Copyable {
  let descriptor: Int32
  let path: String

  init(_ path: String, _ flags: Int32, operation: String) throws(IndexError) {
    // Vectors of faces are their owner's alone.
    descriptor = open(path, flags | O_CLOEXEC, 0o600)
    self.path = path
    guard descriptor >= 0 else { throw .file(path: path, operation: operation, errno: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  borrowing func size() throws(IndexError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .file(path: path, operation: "examine", errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notASnapshot(path: path, reason: "it is not a regular file")
    }
    return Int(status.st_size)
  }

  borrowing func read(into buffer: UnsafeMutableRawPointer, bytes: Int, at offset: Int) throws(IndexError) {
    var done = 0
    while done < bytes {
      let n = pread(descriptor, buffer + done, min(bytes - done, 1 << 30), offset + done)
      if n < 0 && errno == EINTR { continue }
      guard n >= 0 else { throw .file(path: path, operation: "read", errno: errno) }
      guard n > 0 else { throw .damaged(path: path, part: "its length") }
      done += n
    }
  }

  borrowing func write(_ buffer: UnsafeRawPointer, bytes: Int) throws(IndexError) {
    var done = 0
    while done < bytes {
      let n = Glibc.write(descriptor, buffer + done, min(bytes - done, 1 << 30))
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw .file(path: path, operation: "write", errno: n < 0 ? errno : ENOSPC) }
      done += n
    }
  }

  borrowing func synchronize() throws(IndexError) {
    guard fsync(descriptor) == 0 else { throw .file(path: path, operation: "synchronise", errno: errno) }
  }
}
