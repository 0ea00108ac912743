internal import Glibc

/// Whether there is memory, for those whose libraries take a lack of it for something else, or end the process.
public enum FreeMemory {
  /// Whether the system would give so many bytes now. Within a limit on the process it says no; where memory is promised that is not
  /// there, it says yes.
  ///
  /// - Complexity: O(1).
  public static func has(_ bytes: Int) -> Bool {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let room = mmap(nil, max(1, bytes), PROT_READ | PROT_WRITE, flags, -1, 0), room != MAP_FAILED else {
      return false
    }
    munmap(room, max(1, bytes))
    return true
  }
}
