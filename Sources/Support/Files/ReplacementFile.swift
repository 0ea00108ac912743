internal import Glibc

/// A file that is written under another name and put in place when it is complete and on disk: others see the old file or
/// the new one, also after a crash or a power cut.
///
/// A new file is the owner's alone (`rw-------`) whatever the umask; one that replaces another takes over its mode, and its owner where
/// the system allows it. Behind a link the file that it leads to is replaced. A device, a pipe, and what this process has open (`/dev/stdout`,
/// `/dev/fd/3`), is written to straight. Use it from one thread at a time.
public final class ReplacementFile {
  /// Where the file will be.
  public let path: String
  /// Where it is meanwhile; ``path`` for a device.
  public let temporaryPath: String
  /// The open file.
  public let descriptor: Int32
  /// Where it will be behind all links.
  private let target: String
  private let isDevice: Bool
  /// The file whose mode and owner a new one gets.
  private let model: String?
  private var isCommitted = false

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: Where it will be.
  ///   - model: The file whose mode and owner a new one gets; nil makes it the owner's alone.
  /// - Throws: ``SystemError``.
  public init(_ path: String, newFilesLike model: String? = nil) throws(SystemError) {
    self.path = path
    self.model = model
    let straight: Int32
    switch try Self.destination(of: path) {
    case .open(let number): straight = fcntl(number, F_DUPFD_CLOEXEC, 0)
    case .device(let place): straight = open(PathText.system(place), O_WRONLY | O_CLOEXEC)
    case .file(let real):
      (isDevice, target) = (false, real)
      (temporaryPath, descriptor) = try Self.begin(path, target)
      return
    }
    guard straight >= 0 else { throw SystemError("be written", path, code: errno) }
    (isDevice, temporaryPath, descriptor, target) = (true, path, straight, path)
  }

  /// Makes and locks the file under its other name.
  private static func begin(_ path: String, _ target: String) throws(SystemError) -> (String, Int32) {
    for _ in 0..<UnfinishedName.mostAttempts {
      let temporary = UnfinishedName.make(for: target)
      let opened = open(PathText.system(temporary), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FileMode.file)
      guard opened >= 0 else {
        if errno == EEXIST { continue }
        throw SystemError("be written", path, code: errno)
      }
      if UnfinishedName.lock(opened, at: temporary) { return (temporary, opened) }
      unlink(PathText.system(temporary))
      close(opened)
    }
    throw SystemError("be written", path, code: EAGAIN)
  }

  deinit {
    if !isCommitted, !isDevice { unlink(PathText.system(temporaryPath)) }
    close(descriptor)
  }

  private enum Destination {
    /// What the process has open, by its number.
    case open(Int32)
    /// A device or a pipe.
    case device(String)
    /// The path of a file, which is there or not, behind all links.
    case file(String)
  }

  /// The path of the file that is written when this one is: behind all links, whether it is there or not; nil for what is written to
  /// straight, and for links that go in a circle.
  public static func target(of path: String) -> String? {
    if case .file(let real)? = try? destination(of: path) { real } else { nil }
  }

  /// Whether what is written to a path stands where something goes that this process has open, as with `/dev/stdout`, or with `/dev/fd/3`
  /// where that is the same file.
  public static func leads(_ path: String, to descriptor: Int32) -> Bool {
    var (open, written) = (stat(), stat())
    // What takes the place of a file does not go into it.
    guard target(of: path) == nil, fstat(descriptor, &open) == 0, stat(PathText.system(path), &written) == 0
    else { return false }
    return (open.st_dev, open.st_ino) == (written.st_dev, written.st_ino)
  }

  /// More links one behind the other are taken for a circle, as the system does.
  private static let longestChain = 40

  /// Follows links one by one: what the process has open lies behind links of `/proc`, and is known by its number only.
  private static func destination(of path: String) throws(SystemError) -> Destination {
    func failure() -> SystemError { SystemError("be written", path, code: errno) }
    var place = path
    for _ in 0..<longestChain {
      let folder = Folder.of(place)
      let name = place.split(separator: "/").last.map(String.init) ?? place
      if let number = Int32(name), number >= 0, Folder.real(folder) == "/proc/\(getpid())/fd" {
        return .open(number)
      }
      var status = stat()
      guard lstat(PathText.system(place), &status) == 0 else {
        if errno == ENOENT { return .file(place) }
        throw failure()
      }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return .file(place)
      case S_IFDIR: throw SystemError("be written", path, code: EISDIR)
      case S_IFLNK:
        var text = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(PathText.system(place), &text, text.count)
        guard count >= 0 else { throw failure() }
        let next = PathText.text(text.prefix(count).map(UInt8.init(bitPattern:)))
        place = next.hasPrefix("/") ? next : "\(folder)/\(next)"
      default: return .device(place)
      }
    }
    throw SystemError("be written", path, code: ELOOP)
  }

  /// Writes bytes at a place; at the end of what was written, to a device.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let start = bytes.baseAddress.map { $0 + done }
      let written =
        isDevice
        ? Glibc.write(descriptor, start, bytes.count - done)
        : pwrite(descriptor, start, bytes.count - done, off_t(offset + done))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw SystemError("be written", path, code: written < 0 ? errno : ENOSPC) }
      done += written
    }
  }

  /// Appends bytes to what was written by this or by the system's calls.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    try write(bytes, at: isDevice ? 0 : Int(lseek(descriptor, 0, SEEK_END)))
  }

  /// Appends bytes.
  public func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
    try write(bytes, at: isDevice ? 0 : Int(lseek(descriptor, 0, SEEK_END)))
  }

  /// Writes bytes at a place; at the end of what was written, to a device.
  public func write(_ bytes: some Collection<UInt8>, at offset: Int) throws(SystemError) {
    let outcome = bytes.withContiguousStorageIfAvailable { storage -> Result<Void, SystemError> in
      do throws(SystemError) {
        return .success(try write(UnsafeRawBufferPointer(storage), at: offset))
      } catch {
        return .failure(error)
      }
    }
    guard let outcome else { return try write(Array(bytes), at: offset) }
    try outcome.get()
  }

  /// Makes the bytes last, without giving the file its name yet.
  public func synchronize() throws(SystemError) {
    if isDevice { return }
    var there = stat()
    let isKnown =
      stat(PathText.system(target), &there) == 0
      || model.map { stat(PathText.system($0), &there) == 0 } ?? false
    // Only the administrator may give files away; others keep theirs.
    if isKnown { _ = fchown(descriptor, there.st_uid, there.st_gid) }
    let mode = isKnown ? there.st_mode & 0o7777 : mode_t(FileMode.file)
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
      throw SystemError("be written", path, code: errno)
    }
  }

  /// Makes the file last and gives it its name; both are on disk when this returns.
  ///
  /// - Parameter replacing: Whether what has the name is replaced; else that is an error (`EEXIST`), also where it came just now.
  public func commit(replacing: Bool = true) throws(SystemError) {
    try synchronize()
    if isDevice {
      isCommitted = true
      return
    }
    if !replacing {
      guard try NewName.give(target, to: temporaryPath) else {
        throw SystemError("be written", path, code: EEXIST)
      }
      isCommitted = true
      return try Folder.synchronize(Folder.of(target))
    }
    guard rename(PathText.system(temporaryPath), PathText.system(target)) == 0 else {
      throw SystemError("be written", path, code: errno)
    }
    isCommitted = true
    try Folder.synchronize(Folder.of(target))
  }

  /// Writes a file whole.
  ///
  /// - Parameter replacing: Whether a file that is there is replaced; see ``commit(replacing:)``.
  public static func write(
    _ bytes: some Collection<UInt8>, to path: String, replacing: Bool = true
  ) throws(SystemError) {
    let file = try ReplacementFile(path)
    try file.write(bytes, at: 0)
    try file.commit(replacing: replacing)
  }
}
