internal import Glibc

/// Pages of mapped files, as the system brings them into memory.
enum SystemPages {
  static let size = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// Bytes that are asked for at a time: the system takes no more from one call than it would read ahead by itself.
  static let step = 128 << 10

  /// Asks for what lies at a place of a mapped file, without waiting for it.
  static func prefetch(_ place: UnsafeRawPointer, bytes: Int) {
    let skipped = Int(bitPattern: place) & (size - 1)
    let start = UnsafeMutableRawPointer(mutating: place - skipped)
    for offset in stride(from: 0, to: skipped + bytes, by: step) {
      madvise(start + offset, min(step, skipped + bytes - offset), MADV_WILLNEED)
    }
  }
}
