internal import Glibc

/// A range of address space that memory fills as it is first written, so that what grows in it never moves.
///
/// Untouched pages read as zero and take no memory. Owned by one `Storage`, which outlives every pointer.
struct Reservation: ~Copyable {
  let base: UnsafeMutableRawPointer
  let size: Int

  /// Boundary that lets the kernel back the range with huge pages, and sections of a snapshot be mapped in it.
  static let alignment = 2 << 20

  init(bytes: Int) throws(IndexError) {
    let size = max(2, (bytes + Self.alignment - 1) / Self.alignment) * Self.alignment
    let span = size + Self.alignment
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let raw = mmap(nil, span, PROT_READ | PROT_WRITE, flags, -1, 0), raw != MAP_FAILED else {
      throw IndexError.outOfMemory(bytes: span)
    }
    let address = UInt(bitPattern: raw)
    let skip = Int((~address &+ 1) % UInt(Self.alignment))
    if skip > 0 { munmap(raw, skip) }
    if skip < Self.alignment { munmap(raw + skip + size, Self.alignment - skip) }
    base = raw + skip
    self.size = size
    useHugePages()
  }

  deinit { munmap(base, size) }

  /// Asks for huge pages behind everything from the second on: a small index stays small, and a large one
  /// spares most misses of the address translation.
  private func useHugePages() { madvise(base + Self.alignment, size - Self.alignment, MADV_HUGEPAGE) }
}
