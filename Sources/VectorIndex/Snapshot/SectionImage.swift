/// A section as it is written: the bytes in memory, but for those of slots that only searches under way may still see.
struct SectionImage {
  let section: StorageSection
  /// Ranges of the section, rising and apart, that are written as one value throughout.
  private var patches: [(range: Range<Int>, value: UInt8)] = []

  /// Bytes that are put together at a time.
  private static let chunk = 1 << 20

  init(_ section: StorageSection) { self.section = section }

  /// - Parameters:
  ///   - leaving: Slots that are written as free ones, rising.
  ///   - arriving: Slots that are written as live ones, rising.
  init(_ section: StorageSection, of storage: Storage, leaving: [UInt32], arriving: [UInt32]) {
    self.section = section
    let size = section.slotBytes
    if section.kind == .upperLinks {
      for slot in leaving where storage.levels[Int(slot)] > 0 {
        let begin = Int(storage.upperIndex[Int(slot)]) * storage.sizes.upper
        patches.append((begin..<(begin + Int(storage.levels[Int(slot)]) * storage.sizes.upper), 0xFF))
      }
    } else if size > 0 {
      let empty: UInt8 = section.kind == .baseLinks ? 0xFF : 0
      for slot in leaving { patches.append((Int(slot) * size..<(Int(slot) + 1) * size, empty)) }
      if section.kind == .states {
        for slot in arriving { patches.append((Int(slot)..<(Int(slot) + 1), SlotState.live)) }
      }
    }
    patches.sort { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Calls `body` with the section's bytes and padding, part by part, each a multiple of 64 bytes.
  func forEachPart(
    _ body: (UnsafeRawPointer, Int) throws(IndexError) -> Void
  ) throws(IndexError) {
    let bytes = SnapshotHeader.padded(section.bytes)
    guard !patches.isEmpty else {
      try body(section.start, bytes)
      return
    }
    let part = UnsafeMutableRawPointer.allocate(byteCount: Self.chunk, alignment: 64)
    defer { part.deallocate() }
    var next = 0
    for begin in stride(from: 0, to: bytes, by: Self.chunk) {
      let end = min(bytes, begin + Self.chunk)
      part.copyMemory(from: section.start + begin, byteCount: end - begin)
      while next < patches.count, patches[next].range.lowerBound < end {
        let range = patches[next].range.clamped(to: begin..<end)
        (part + (range.lowerBound - begin)).initializeMemory(
          as: UInt8.self, repeating: patches[next].value, count: range.count)
        if patches[next].range.upperBound > end { break }
        next += 1
      }
      try body(part, end - begin)
    }
  }
}
