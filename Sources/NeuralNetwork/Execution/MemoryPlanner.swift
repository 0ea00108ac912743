/// Gives each activation a place in one allocation; places are used again once nobody reads them.
struct MemoryPlanner {
  private(set) var byteCount = 0
  private var free: [Range<Int>] = []

  /// Takes a place of at least `count` bytes.
  mutating func allocate(_ count: Int) -> Range<Int> {
    let size = (count + 63) / 64 * 64
    if let index = free.indices.filter({ free[$0].count >= size }).min(by: { free[$0].count < free[$1].count }
    ) {
      let place = free[index].lowerBound..<free[index].lowerBound + size
      free[index] = place.upperBound..<free[index].upperBound
      if free[index].isEmpty { free.remove(at: index) }
      return place
    }
    // The last free place may grow at the end.
    var start = byteCount
    if let last = free.firstIndex(where: { $0.upperBound == byteCount }) {
      start = free[last].lowerBound
      free.remove(at: last)
    }
    byteCount = start + size
    return start..<byteCount
  }

  /// Takes a place of at least `count` bytes that nobody had before or gets after, so that what a run leaves there stays.
  mutating func allocateAlone(_ count: Int) -> Range<Int> {
    let place = byteCount..<byteCount + (count + 63) / 64 * 64
    byteCount = place.upperBound
    return place
  }

  /// Gives a place back.
  mutating func release(_ place: Range<Int>) {
    var merged = place
    free.removeAll { range in
      guard range.upperBound == merged.lowerBound || range.lowerBound == merged.upperBound else {
        return false
      }
      merged = min(range.lowerBound, merged.lowerBound)..<max(range.upperBound, merged.upperBound)
      return true
    }
    free.append(merged)
  }
}
