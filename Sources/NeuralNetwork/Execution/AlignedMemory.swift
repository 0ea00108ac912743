internal import Glibc

/// Zeroed memory on a cache line's boundary, on huge pages where the system grants them.
final class AlignedMemory {
  let base: UnsafeMutableRawPointer
  let count: Int

  init(byteCount: Int) throws(NetworkError) {
    let page = 2 << 20
    let alignment = byteCount >= page ? page : 64
    count = (max(byteCount, 64) + alignment - 1) / alignment * alignment
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, alignment, count) == 0, let pointer else {
      throw NetworkError(.executionFailed, "There is no memory for \(byteCount) bytes of a network's plan.")
    }
    if alignment == page { madvise(pointer, count, MADV_HUGEPAGE) }
    memset(pointer, 0, count)
    base = pointer
  }

  deinit { free(base) }

  /// The memory as float32 from a byte offset.
  func floats(at offset: Int = 0) -> UnsafeMutablePointer<Float> {
    (base + offset).assumingMemoryBound(to: Float.self)
  }
}
