internal import CVectorKernels
internal import Glibc

/// A range of pages that memory fills as they are first written; untouched ones read as zero and take no memory.
///
/// Owned by one `Storage`. Contract: nobody holds a pointer into it while it is moved or cleared.
struct Reservation: ~Copyable {
  let base: UnsafeMutableRawPointer
  let size: Int
  /// Bytes from the start on that are a private map of a file.
  private(set) var mapped = 0

  /// Boundary that lets the kernel back a large range with huge pages.
  private static let huge = 2 << 20
  /// Unit of small ranges: a multiple of every page size.
  private static let small = 64 << 10

  init(bytes: Int) throws(IndexError) {
    let unit = bytes < Self.huge ? Self.small : Self.huge
    let size = max(1, (bytes + unit - 1) / unit) * unit
    let span = unit == Self.huge ? size + unit : size
    guard let raw = Self.map(nil, span, 0) else { throw IndexError.outOfMemory(bytes: span) }
    let skip = unit == Self.huge ? Int((~UInt(bitPattern: raw) &+ 1) % UInt(unit)) : 0
    if skip > 0 { munmap(raw, skip) }
    if size + skip < span { munmap(raw + skip + size, span - skip - size) }
    base = raw + skip
    self.size = size
    useHugePages(from: 0)
  }

  deinit { munmap(base, size) }

  private static func map(_ place: UnsafeMutableRawPointer?, _ bytes: Int, _ flags: Int32)
    -> UnsafeMutableRawPointer?
  {
    let raw = mmap(
      place, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0)
    return raw == MAP_FAILED ? nil : raw
  }

  /// Asks for huge pages behind everything from the second on: a small index stays small, and a large one
  /// spares most misses of the address translation.
  private func useHugePages(from offset: Int) {
    let start = max(Self.huge, offset)
    if start < size { madvise(base + start, size - start, MADV_HUGEPAGE) }
  }

  /// Maps the start of a file, privately, over the first pages.
  mutating func map(_ bytes: Int, of descriptor: Int32, from offset: Int) -> Bool {
    assert(bytes <= size)
    let flags = MAP_PRIVATE | MAP_FIXED
    guard mmap(base, bytes, PROT_READ | PROT_WRITE, flags, descriptor, offset) != MAP_FAILED else {
      return false
    }
    mapped = bytes
    return true
  }

  /// Takes over the pages of a smaller range, which is gone afterwards.
  mutating func receive(_ other: consuming Reservation) {
    assert(other.size <= size)
    // Pages of one kind move together.
    var borders = [other.mapped, Self.huge].filter { $0 > 0 && $0 < other.size }.sorted()
    borders.append(other.size)
    var begin = 0
    for end in borders where end > begin {
      if cvk_move_pages(other.base + begin, base + begin, end - begin) != 0 {
        (base + begin).copyMemory(from: other.base + begin, byteCount: end - begin)
        munmap(other.base + begin, end - begin)
      } else if begin < other.mapped {
        mapped = min(end, other.mapped)
      }
      begin = end
    }
    other.forget()
  }

  private consuming func forget() { discard self }

  /// Makes everything from an offset on zero and gives its pages back to the system.
  mutating func clear(from offset: Int) {
    assert(offset <= size)
    let page = SystemPages.size
    let border = min(size, (offset + page - 1) / page * page)
    (base + offset).initializeMemory(as: UInt8.self, repeating: 0, count: border - offset)
    guard border < size else { return }
    if Self.map(base + border, size - border, MAP_FIXED) != nil {
      mapped = min(mapped, border)
      useHugePages(from: border)
    } else {
      (base + border).initializeMemory(as: UInt8.self, repeating: 0, count: size - border)
    }
  }
}
