internal import CLMDB

/// The LMDB library that is loaded.
public enum LMDBLibrary {
  /// Its version, such as "0.9.24".
  public static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    _ = mdb_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}
