internal import Glibc

/// What a scan has learnt from the blocks before.
struct ScanProgress {
  /// Vectors that the block before had to measure.
  var measured = 0
  /// Blocks scanned by codes under a filter.
  private var filtered = 0
  /// Nanoseconds that a block took when its filter was asked first, and when its codes were read first.
  private var filterFirst: UInt64 = 0
  private var codesFirst: UInt64 = 0

  /// Tries the codes again now and then after a block in which they spared too little.
  mutating func reconsiderCodes(at end: Int) {
    if measured >= SearchContext.batch / 2 && end % (16 * SearchContext.batch) == 0 { measured = 0 }
  }

  /// Runs a block with the filter first or the codes first, whichever took less time when both were last tried:
  /// what a filter costs only its author knows. Both are tried ever more rarely, at each power of two.
  mutating func timed(_ block: (_ filtersFirst: Bool) -> Int) -> Int {
    filtered += 1
    let isTrial = filtered & (filtered - 1) == 0
    let isSecondTrial = filtered > 2 && (filtered - 1) & (filtered - 2) == 0
    guard isTrial || isSecondTrial else { return block(filterFirst <= codesFirst) }
    let begin = nanoseconds()
    // The first two blocks are the first two trials.
    let filtersFirst = isTrial && filtered != 2
    let found = block(filtersFirst)
    let taken = nanoseconds() &- begin
    if filtersFirst { filterFirst = taken } else { codesFirst = taken }
    return found
  }

  private func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
