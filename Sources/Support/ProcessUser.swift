internal import Glibc

/// The user in whose name this process works.
public enum ProcessUser {
  private static let longestEntry = 16_384

  /// The user's name; their number where the system knows no name.
  public static var name: String {
    let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: longestEntry)
    defer { buffer.deallocate() }
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(geteuid(), &entry, buffer, longestEntry, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return "number \(geteuid())" }
    return String(cString: name)
  }
}
