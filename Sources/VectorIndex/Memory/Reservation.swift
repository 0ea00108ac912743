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
    let size = (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
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
    madvise(base, size, MADV_HUGEPAGE)
  }

  deinit { munmap(base, size) }

  /// Gives the memory of a range of whole pages back to the system; it reads as zero afterwards.
  func discard(from offset: Int, bytes: Int) {
    madvise(base + offset, bytes, MADV_DONTNEED)
  }
}
