internal import Glibc

/// The rights of what we make: files with faces, names and keys are nobody else's, whatever the umask.
public enum FileMode {
  /// Of a file: read and written by its owner alone (0600).
  public static let file: UInt32 = 0o600

  /// Of a folder: entered by its owner alone (0700).
  public static let folder: UInt32 = 0o700

  /// The rights of a file; nil where there is none.
  public static func of(_ path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(status.st_mode) & 0o7777 : nil
  }
}
