internal import CFiles
internal import Glibc

/// Names that are given to finished files only where nothing has them yet: of two processes that do so at once one is told that
/// the other was first, and what that one has put there stays.
public enum NewName {
  /// How a file system is asked for that.
  enum Way: CaseIterable {
    /// A renaming that replaces nothing (`RENAME_NOREPLACE`).
    case rename
    /// A second name, for file systems that know no such renaming.
    case link
    /// A look and a renaming by those who hold the folder's lock, for file systems that know neither.
    case lock
  }

  /// How long to wait for others who hold a folder's lock.
  private static let patience = Duration.seconds(60)

  /// Moves a file to a name in the same file system, unless something is there, be it a link that leads nowhere.
  ///
  /// The name is on disk when the folder is (``Folder/synchronize(_:)``).
  ///
  /// - Returns: Whether it has the name now; false when something else has it.
  /// - Throws: ``SystemError``; where a file system can tell nobody who was first, and gives no locks either, that there are none.
  public static func give(_ path: String, to file: String) throws(SystemError) -> Bool {
    try give(path, to: file, by: Way.allCases)
  }

  /// Does it by the first of some ways that the file system knows.
  static func give(_ path: String, to file: String, by ways: [Way]) throws(SystemError) -> Bool {
    let (old, new) = (PathText.system(file), PathText.system(path))
    for way in ways {
      let status: Int32
      switch way {
      case .rename: status = fg_rename_new(old, new)
      case .link:
        status = Glibc.link(old, new)
        if status == 0 { unlink(old) }
      case .lock: return try giveLocked(path, to: file)
      }
      if status == 0 { return true }
      switch errno {
      case EEXIST: return false
      // Unknown to the system, or to the file system.
      case EINVAL, ENOSYS, EPERM, EOPNOTSUPP, EMLINK: continue
      default: throw SystemError("be written", path)
      }
    }
    throw SystemError("be written", path, code: EOPNOTSUPP)
  }

  private static func giveLocked(_ path: String, to file: String) throws(SystemError) -> Bool {
    guard let lock = try FileLock.take(Folder.of(path), patience: patience) else {
      throw SystemError("be written", path, code: EBUSY)
    }
    defer { withExtendedLifetime(lock) {} }
    if InputFile.isThere(path) { return false }
    guard Glibc.rename(PathText.system(file), PathText.system(path)) == 0 else {
      throw SystemError("be written", path)
    }
    return true
  }
}
