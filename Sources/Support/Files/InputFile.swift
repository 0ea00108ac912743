public import Foundation

/// Files that are read, by the text of their paths; see ``PathText``.
public enum InputFile {
  /// What is at a path.
  public enum Kind: Sendable, Hashable {
    /// A file with bytes of its own.
    case file
    /// A folder.
    case folder
    /// A pipe, a socket or a device.
    case special
  }

  /// What is at a path, behind all links.
  ///
  /// - Throws: ``SystemError`` when nothing is there, or it may not be looked at.
  public static func kind(of path: String) throws(SystemError) -> Kind {
    var status = stat()
    guard stat(PathText.system(path), &status) == 0 else { throw SystemError("be read", path) }
    return Kind(status)
  }

  /// What tells whether a file has changed.
  public struct Status: Sendable, Hashable {
    /// Bytes.
    public let size: Int64
    /// Time of the last change of its bytes, nanoseconds since 1970; programs may set it.
    public let modified: Int64
    /// Time of the last change of its bytes, name, rights or times, nanoseconds since 1970.
    public let changed: Int64
    /// The file's number in its file system.
    public let inode: UInt64

    /// A status by its parts.
    public init(size: Int64, modified: Int64, changed: Int64, inode: UInt64) {
      (self.size, self.modified, self.changed, self.inode) = (size, modified, changed, inode)
    }
  }

  /// The status of what is at a path, behind all links; nil when nothing is there, or it may not be looked at.
  public static func status(of path: String) -> Status? {
    var status = stat()
    guard stat(PathText.system(path), &status) == 0 else { return nil }
    func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) }
    return Status(
      size: Int64(status.st_size), modified: nanoseconds(status.st_mtim),
      changed: nanoseconds(status.st_ctim),
      inode: UInt64(status.st_ino))
  }

  /// Whether something is at a path, behind all links; what may not be looked at counts as not being there.
  public static func exists(_ path: String) -> Bool { status(of: path) != nil }

  /// Whether this user may read what is at a path.
  public static func isReadable(_ path: String) -> Bool { access(PathText.system(path), R_OK) == 0 }

  /// Whether something is at a path, also a link that leads nowhere; what may not be looked at counts as being there.
  public static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(PathText.system(path), &status) == 0 || (errno != ENOENT && errno != ENOTDIR)
  }

  /// Whether a link is at a path.
  public static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(PathText.system(path), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// A file's bytes.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that a file may have; a larger one is `EFBIG`.
  ///   - first: How many bytes from its beginning are read.
  /// - Throws: ``SystemError`` when it cannot be read; what is cut meanwhile is `EAGAIN`. What is no file is `EISDIR` or `ESPIPE`: reading
  ///   a pipe or a device might never end.
  public static func read(
    _ path: String, limit: Int = .max, first: Int = .max
  ) throws(SystemError) -> Data {
    let (descriptor, size) = try open(path)
    defer { close(descriptor) }
    guard size <= limit else { throw SystemError("be read", path, code: EFBIG) }
    let wanted = min(size, first)
    if wanted == 0 { return Data() }
    // Without memory `Data` would end the process.
    guard let bytes = malloc(wanted) else { throw SystemError("be read", path, code: ENOMEM) }
    var done = 0
    while done < wanted {
      // Within the allocation.
      let count = Glibc.read(descriptor, bytes + done, wanted - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        // At its end it was cut meanwhile.
        let error = SystemError("be read", path, code: count == 0 ? EAGAIN : errno)
        free(bytes)
        throw error
      }
      done += count
    }
    // `Data` has them from here on, or a copy.
    return Data(bytesNoCopy: bytes, count: wanted, deallocator: .free)
  }

  /// The SHA-256 of a file's bytes, of which few are in memory at a time.
  ///
  /// - Throws: ``SystemError`` when it cannot be read; what is no file is `EISDIR` or `ESPIPE`.
  public static func digest(_ path: String) throws(SystemError) -> [UInt8] {
    let (descriptor, _) = try open(path)
    defer { close(descriptor) }
    var digest = SHA256()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError("be read", path) }
      if count == 0 { return digest.finish() }
      chunk.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// A file's text; bytes that are no UTF-8 are `EILSEQ`.
  ///
  /// - Throws: ``SystemError`` when it cannot be read.
  public static func text(_ path: String) throws(SystemError) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw SystemError("be read", path, code: EILSEQ)
    }
    return text
  }

  /// Opens a file with bytes of its own; the caller closes it.
  ///
  /// - Returns: Its descriptor and its size in bytes.
  /// - Throws: ``SystemError`` when it cannot be read; what is no file is `EISDIR` or `ESPIPE`.
  static func open(_ path: String) throws(SystemError) -> (descriptor: Int32, bytes: Int) {
    // Opening a pipe would wait for its writer.
    let descriptor = Glibc.open(PathText.system(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemError("be read", path) }
    var status = stat()
    let code =
      if fstat(descriptor, &status) != 0 { errno } else {
        switch Kind(status) {
        case .file: 0 as Int32
        case .folder: EISDIR
        case .special: ESPIPE
        }
      }
    guard code == 0 else {
      close(descriptor)
      throw SystemError("be read", path, code: code)
    }
    return (descriptor, Int(status.st_size))
  }

  /// All bytes of a pipe, which ends when nobody writes into it any more, or of a file; waits for a writer.
  ///
  /// - Parameter limit: The most bytes that are read; more are `EFBIG`.
  /// - Throws: ``SystemError`` when it cannot be read; a folder is `EISDIR`, a device `ESPIPE`.
  public static func readToEnd(_ path: String, limit: Int) throws(SystemError) -> Data {
    var status = stat()
    guard stat(PathText.system(path), &status) == 0 else { throw SystemError("be read", path) }
    // Only opening some devices makes them do something, or waits.
    guard [S_IFREG, S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else {
      throw SystemError("be read", path, code: Kind(status) == .folder ? EISDIR : ESPIPE)
    }
    let descriptor = Glibc.open(PathText.system(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("be read", path) }
    defer { close(descriptor) }
    return try readToEnd(of: descriptor, path, limit)
  }

  /// All bytes of standard input, from where it stands on.
  ///
  /// - Parameter limit: The most bytes that are read; more are `EFBIG`.
  /// - Throws: ``SystemError`` with the path `standard input` when it cannot be read.
  public static func readStandardInput(limit: Int) throws(SystemError) -> Data {
    try readToEnd(of: STDIN_FILENO, "standard input", limit)
  }

  private static func readToEnd(of descriptor: Int32, _ path: String, _ limit: Int) throws(SystemError)
    -> Data
  {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return data }
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN:
          // A pipe that was made not to wait: its writer is slow.
          var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          poll(&wanted, 1, -1)
          continue
        default: throw SystemError("be read", path)
        }
      }
      guard count <= limit - data.count else { throw SystemError("be read", path, code: EFBIG) }
      data.append(contentsOf: buffer[..<count])
    }
  }
}

extension InputFile.Kind {
  fileprivate init(_ status: stat) {
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .special
      }
  }
}
