internal import Glibc
internal import Synchronization

/// An open file, closed when it goes.
struct File: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Opening never waits: a pipe without a writer is opened, and then refused as no regular file.
  init(_ path: String, _ flags: Int32, operation: String) throws(IndexError) {
    // Vectors of faces are their owner's alone.
    descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o600)
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

/// A file that is written beside another and takes its place when it is complete.
struct FileReplacement: ~Copyable {
  let file: File
  private let path: String

  private static let count = Atomic<Int>(0)

  /// Creates a temporary file that nobody else uses, with the permissions of what is at `path`.
  init(_ path: String) throws(IndexError) {
    let target = realpath(path, nil).map { resolved in
      defer { free(resolved) }
      return String(cString: resolved)
    }
    var present = stat()
    let exists = stat(path, &present) == 0
    guard !exists || present.st_mode & S_IFMT == S_IFREG else {
      throw .notASnapshot(path: path, reason: "it is not a regular file")
    }
    let place = target ?? path
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    let temporary = "\(place).\(getpid()).\(number).partial"
    // What a process of the same number left behind.
    unlink(temporary)
    let file = try File(temporary, O_WRONLY | O_CREAT | O_EXCL, operation: "create")
    // The rights of the file that is replaced; else the owner's alone, whatever the umask.
    guard fchmod(file.descriptor, exists ? present.st_mode & 0o777 : 0o600) == 0 else {
      let code = errno
      unlink(temporary)
      throw .file(path: place, operation: "set the rights of", errno: code)
    }
    self.path = place
    self.file = file
  }

  deinit { unlink(file.path) }

  /// Puts the file on disk and in place.
  consuming func commit() throws(IndexError) {
    try file.synchronize()
    guard rename(file.path, path) == 0 else {
      throw .file(path: path, operation: "replace", errno: errno)
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    try File(folder, O_RDONLY | O_DIRECTORY, operation: "open").synchronize()
  }
}
