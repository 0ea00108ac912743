internal import Glibc

/// Zeroed memory on a cache line's boundary, on huge pages where the system grants them.
///
/// Pages of a large one come into being when they are first written to: a plan for eight faces that gets one takes an eighth.
final class AlignedMemory {
  let base: UnsafeMutableRawPointer
  let count: Int
  /// Whether the pages are the system's own, rather than from the heap.
  private let isMapped: Bool

  private static let page = 2 << 20

  init(byteCount: Int) throws(NetworkError) {
    assert(byteCount >= 0)
    isMapped = byteCount >= Self.page
    let alignment = isMapped ? Self.page : 64
    count = (max(byteCount, 64) + alignment - 1) / alignment * alignment
    let memory = isMapped ? Self.mapped(count) : aligned_alloc(alignment, count)
    guard let memory else {
      throw NetworkError(.outOfMemory, "There is no memory for \(byteCount) bytes of a network's plan.")
    }
    if !isMapped { memset(memory, 0, count) }
    base = memory
  }

  deinit {
    if isMapped { munmap(base, count) } else { free(base) }
  }

  /// Fresh pages that begin at a huge page's boundary; nil when there are none.
  private static func mapped(_ count: Int) -> UnsafeMutableRawPointer? {
    let (whole, isTooMuch) = count.addingReportingOverflow(page)
    guard !isTooMuch,
      let start = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { return nil }
    let before = (page - Int(bitPattern: start) % page) % page
    if before > 0 { munmap(start, before) }
    let base = start + before
    munmap(base + count, page - before)
    madvise(base, count, MADV_HUGEPAGE)
    return base
  }

  /// The memory as float32 from a byte offset.
  func floats(at offset: Int = 0) -> UnsafeMutablePointer<Float> {
    assert(offset >= 0 && offset <= count && offset.isMultiple(of: MemoryLayout<Float>.alignment))
    return (base + offset).assumingMemoryBound(to: Float.self)
  }
}
