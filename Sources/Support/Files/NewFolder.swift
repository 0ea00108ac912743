internal import Glibc

/// A folder that is filled under another name and gets its own when all in it is complete and on disk.
///
/// It is the owner's alone (`rwx------`) whatever the umask. Meanwhile it lies in a folder that is locked (`flock`), so that it
/// is not taken for a leftover; the new folder itself is free to be locked by what works in it. Use it from one thread at a
/// time.
public final class NewFolder {
  /// Where the folder will be.
  public let path: String
  /// Where it is meanwhile.
  public let temporaryPath: String
  /// The locked folder around it.
  private let shell: String
  private let descriptor: Int32

  /// Begins a folder; those above it are made when they are not there.
  ///
  /// - Throws: ``SystemError``.
  public init(_ path: String) throws(SystemError) {
    self.path = path
    // What works in the folder takes its path as text.
    guard !PathText.hasEscape(path) else { throw SystemError("be written", path, code: EILSEQ) }
    try Folder.make(Folder.of(path))
    (shell, descriptor) = try Self.begin(path)
    temporaryPath = shell + "/new"
    guard fchmod(descriptor, FileMode.folder) == 0, mkdir(temporaryPath, FileMode.folder) == 0,
      chmod(temporaryPath, FileMode.folder) == 0
    else { throw SystemError("be written", path, code: errno) }
  }

  /// Makes and locks the folder around it.
  private static func begin(_ path: String) throws(SystemError) -> (String, Int32) {
    for _ in 0..<UnfinishedName.mostAttempts {
      let temporary = UnfinishedName.make(for: path)
      guard mkdir(temporary, FileMode.folder) == 0 else {
        if errno == EEXIST { continue }
        throw SystemError("be written", path, code: errno)
      }
      let opened = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard opened >= 0 else {
        let code = errno
        // Taken for a leftover in this instant.
        if code == ENOENT { continue }
        rmdir(temporary)
        throw SystemError("be written", path, code: code)
      }
      if UnfinishedName.lock(opened, at: temporary) { return (temporary, opened) }
      rmdir(temporary)
      close(opened)
    }
    throw SystemError("be written", path, code: EAGAIN)
  }

  deinit {
    Folder.remove(shell)
    close(descriptor)
  }

  /// Gives the folder its name, which may be that of an empty folder; both are on disk when this returns.
  ///
  /// The files in it must be synchronised; their names are by this.
  public func commit() throws(SystemError) {
    try Folder.synchronize(temporaryPath)
    try Folder.move(temporaryPath, to: path)
    Folder.remove(shell)
  }
}
