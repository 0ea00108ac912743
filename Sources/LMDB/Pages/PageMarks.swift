internal import Glibc
internal import Synchronization

/// Which pages were found sound, each with the page above it: shared by all transactions of an environment.
///
/// What was sound when it was first read stays so: LMDB writes pages anew, never into those that a transaction sees, and
/// the programs that write them are not what is distrusted here, but the disk that kept them.
final class PageMarks: Sendable {
  // Each word is changed and read by itself; the array is as long as the map, of which most is never touched.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt32>>
  private let count: Int

  /// Marks for so many pages.
  init(_ count: Int) {
    self.count = count
    // Zeros that the system provides when they are touched.
    let memory = calloc(max(count, 1), MemoryLayout<Atomic<UInt32>>.stride)
    if let memory {
      words = memory.assumingMemoryBound(to: Atomic<UInt32>.self)
    } else {
      words = .allocate(capacity: max(count, 1))
      for index in 0..<max(count, 1) { (words + index).initialize(to: Atomic(0)) }
    }
  }

  deinit { free(words) }

  /// Whether a page was found sound below this one; 0 stands for a root.
  @inline(__always)
  func isMarked(_ page: Int, below parent: Int) -> Bool {
    assert(page >= 0)
    return page < count && words[page].load(ordering: .relaxed) == Self.mark(parent)
  }

  @inline(__always)
  func mark(_ page: Int, below parent: Int) {
    assert(page >= 0)
    if page < count { words[page].store(Self.mark(parent), ordering: .relaxed) }
  }

  private static func mark(_ parent: Int) -> UInt32 { UInt32(truncatingIfNeeded: parent) | 1 << 31 }
}
