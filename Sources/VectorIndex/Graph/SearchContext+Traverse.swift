internal import CVectorKernels
internal import Synchronization

extension SearchContext {
  /// Fills the pool with the `ef` best candidates of a level, starting from what `start` names.
  ///
  /// Three candidates are under way at once: while the codes of one's neighbours are on their way from memory,
  /// the links of the second are read and those of the third requested.
  func searchLevel(_ level: Int, start: UnsafeBufferPointer<UInt32>, ef: Int) {
    visited.reset(limit: Int(limit))
    let frame = Frame(self, level: level)
    var pool = pool
    var visited = visited
    pool.reset(capacity: ef)
    visited.prepare(start.count + 1)
    if let absence { _ = visited.insert(absence.slot) }
    var found = 0
    for slot in start.prefix(Self.batch) where slot < frame.limit && visited.insert(slot) {
      frame.ids[found] = slot
      found += 1
    }
    frame.offer(frame.ids, found, self, to: &pool)
    // Three stages, one candidate in each: links requested, links read and codes requested, codes compared.
    var reading: UInt32?
    var pending = 0
    while true {
      let upcoming = pool.next()
      if let upcoming { frame.requestLinks(upcoming) }
      var requested = 0
      if let reading { requested = frame.gather(reading, &visited, self) }
      if pending > 0 {
        frame.offer(visited.touched + (visited.count &- requested &- pending), pending, self, to: &pool)
      }
      if upcoming == nil && reading == nil && pending == 0 { break }
      reading = upcoming
      pending = requested
    }
    self.pool = pool
    self.visited = visited
  }

  /// Fills the pool by comparing floats, where codes could not tell candidates apart: from what the codes found, and
  /// from the entry point anew.
  ///
  /// Codes may have gone astray on the way down; and where vectors lie in groups, the closest node of a level may lie in
  /// another group than those sought, so that many are followed.
  func searchRows(_ level: Int, from entry: EntryPoint, ef: Int) {
    let found = (0..<min(pool.count, Self.followed)).map { pool.slot(at: $0) }
    read(rows: true)
    var start: [UInt32] = []
    if !entry.isNone && entry.slot < limit {
      start = [entry.slot]
      for upper in stride(from: entry.level, to: level, by: -1) {
        start.withUnsafeBufferPointer { searchLevel(upper, start: $0, ef: Self.followed) }
        start = (0..<min(pool.count, Self.followed)).map { pool.slot(at: $0) }
      }
    }
    start += found
    start.withUnsafeBufferPointer { searchLevel(level, start: $0, ef: ef) }
  }

  /// Candidates that a search by floats follows on each level above its own, and takes over from the one by codes.
  private static let followed = 48

  /// Walks from the entry point to the closest node it finds on the way down to `level`.
  func descend(from entry: EntryPoint, to level: Int) -> UInt32 {
    var best = entry.slot
    guard entry.level > level, best < limit else { return best }
    ids[0] = best
    computeKeys(ids, 1)
    var bestKey = keys[0]
    let absent = absence?.slot ?? Link.empty
    for current in stride(from: entry.level, to: level, by: -1) {
      let frame = Frame(self, level: current)
      var improved = true
      while improved {
        improved = false
        let found = frame.gather(best, into: ids)
        computeKeys(ids, found)
        for i in 0..<found where keys[i] < bestKey && ids[i] != absent {
          bestKey = keys[i]
          best = ids[i]
          improved = true
        }
      }
    }
    return best
  }

  /// What the inner loops read, copied out of the context and the storage.
  private struct Frame {
    let limit: UInt32
    let ids: UnsafeMutablePointer<UInt32>
    let keys: UnsafeMutablePointer<UInt32>
    let read: UnsafePointer<UInt8>
    let readStride: Int
    let links: UnsafeMutablePointer<UInt32>
    let upperIndex: UnsafeMutablePointer<UInt32>
    let degree: Int
    let level: Int
    /// Whether some lists are others than usual.
    let hasAbsence: Bool
    /// Whether links may not be in memory yet.
    let isOnDisk: Bool

    var frontier = cvk_frontier()
    let gatherNew: Kernels.Gather
    let offerNew: Kernels.Offer

    init(_ context: SearchContext, level: Int) {
      let storage = context.storage
      let space = storage.space
      limit = context.limit
      ids = context.ids
      keys = context.keys
      read = context.readsRows ? UnsafePointer(storage.vectorBytes) : UnsafePointer(storage.codes)
      readStride = context.readsRows ? space.stride * 4 : space.codeBytes
      links = level == 0 ? storage.base : storage.upper + (level - 1) * storage.degree
      upperIndex = storage.upperIndex
      degree = level == 0 ? storage.baseDegree : storage.degree
      self.level = level
      hasAbsence = level == 0 && context.absence != nil
      isOnDisk = level == 0 && storage.isOnDisk.load(ordering: .relaxed)
      gatherNew = space.kernels.gather
      offerNew = space.kernels.offer
      frontier.visited = context.visited.bits
      frontier.read = read
      frontier.stride = readStride
      frontier.limit = limit
    }

    @inline(__always)
    func list(_ slot: UInt32) -> UnsafeMutablePointer<UInt32> {
      let number = Int(truncatingIfNeeded: level == 0 ? slot : upperIndex[Int(truncatingIfNeeded: slot)])
      return links + number &* degree
    }

    @inline(__always)
    func requestLinks(_ slot: UInt32) {
      let list = list(slot)
      cvk_prefetch(list)
      cvk_prefetch(list + 16)
    }

    /// Marks the links of a slot that have not been seen and requests what traversal reads of them.
    @inline(__always)
    func gather(_ slot: UInt32, _ visited: inout VisitedSet, _ context: SearchContext) -> Int {
      visited.prepare(degree)
      let list = hasAbsence ? context.absence?.list(slot) ?? list(slot) : list(slot)
      let found = withUnsafePointer(to: frontier) {
        gatherNew($0, slot, list, degree, visited.touched + visited.count)
      }
      visited.record(found)
      return found
    }

    /// Copies all links of a slot.
    @inline(__always)
    func gather(_ slot: UInt32, into ids: UnsafeMutablePointer<UInt32>) -> Int {
      let list = list(slot)
      var found = 0
      for i in 0..<degree {
        let neighbor = Link.slot(cvk_load_acquire(list + i))
        guard neighbor < limit else { continue }
        cvk_prefetch(read + Int(truncatingIfNeeded: neighbor) &* readStride)
        ids[found] = neighbor
        found &+= 1
      }
      return found
    }

    /// Adds candidates to the pool and requests the links of those that it takes.
    @inline(__always)
    func offer(
      _ ids: UnsafeMutablePointer<UInt32>, _ count: Int, _ context: SearchContext,
      to pool: inout CandidatePool
    ) {
      context.computeKeys(ids, count)
      if isOnDisk { prefetchLinks(ids, count, within: pool.bound) }
      pool.offer(
        offerNew, keys: keys, slots: ids, count, links: level == 0 ? UnsafePointer(links) : nil,
        degree: degree)
    }

    /// Asks for the links of those candidates that the pool may take, all at once instead of one after the other when they
    /// are read.
    @inline(never)
    private func prefetchLinks(_ ids: UnsafeMutablePointer<UInt32>, _ count: Int, within bound: UInt32) {
      for i in 0..<count where keys[i] <= bound {
        SystemPages.prefetch(list(ids[i]), bytes: degree * MemoryLayout<UInt32>.size)
      }
    }
  }
}
