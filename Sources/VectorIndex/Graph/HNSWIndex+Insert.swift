internal import Synchronization

/// One batch of new nodes: searched for on the graph as it was, linked together afterwards.
///
/// The graph depends on the vectors, the seed and the batch's borders, not on the number of threads: every node
/// of the batch sees the same graph and, by brute force, every other node of the batch. Unchecked sendable since each
/// place of `originals` and `chosen` is written by the one thread that has the node.
struct Batch: @unchecked Sendable {
  let slots: [UInt32]
  var levels: [Int]
  /// Whether some have the vector of another node.
  var hasHidden = false
  /// By place, the first place with the same vector, if that is another.
  let firsts: [Int?]
  /// By place, the node of before with the same vector; `Link.empty` without one.
  let originals: UnsafeMutablePointer<UInt32>
  /// Places by slot.
  let places: [UInt32: Int]
  /// Candidates for the lowest level that may serve as the node's parent, closest first.
  let chosen: UnsafeMutablePointer<[[UInt32]]>

  /// The slot that a place is to be hidden behind: that of the node with the same vector.
  func node(of place: Int) -> UInt32? {
    let first = firsts[place] ?? place
    if originals[first] != Link.empty { return originals[first] }
    return first == place ? nil : slots[first]
  }

  /// The slot that stands for another in the graph: the same, unless it is one of the batch that is hidden.
  func node(for slot: UInt32) -> UInt32 { places[slot].flatMap { node(of: $0) } ?? slot }

  /// Nodes of a batch. Larger batches see an older graph; smaller ones synchronise threads more often.
  static let size = 512
}

/// A link from an older node, or one of the same batch, to a new one.
struct ReverseEdge: Comparable {
  var level: Int
  var target: UInt32
  var word: UInt32

  static func < (a: ReverseEdge, b: ReverseEdge) -> Bool {
    if a.level != b.level { return a.level < b.level }
    if a.target != b.target { return a.target < b.target }
    return Link.slot(a.word) < Link.slot(b.word)
  }
}

extension HNSWIndex {
  /// Adds validated rows, of which none's key is in the index, batch by batch; or one for the key of `old`, which is then
  /// superseded.
  ///
  /// - Throws: Only before anything is changed.
  func insert(
    _ vectors: UnsafePointer<Float>, keys: [UInt64], replacing old: UInt32? = nil, threads: Int,
    writer: inout Writer, progress: ((Int) -> Void)?
  ) throws(IndexError) {
    // What is handed out to threads is at least eight nodes of a batch.
    let threads = max(1, min(threads, (min(keys.count, Batch.size) + 7) / 8))
    let reused = min(keys.count, writer.freeSlots.count)
    try makeRoom(
      slots: slotCount.load(ordering: .relaxed) + keys.count - reused,
      lists: writer.upperCount + keys.reduce(0) { $0 + level(for: $1) })
    while writer.workers.count < threads { writer.workers.append(BuildWorker(storage)) }
    var done = 0
    while done < keys.count {
      let n = min(Batch.size, keys.count - done)
      recenterIfWorthwhile(
        adding: vectors + done * configuration.dimension, count: keys.count - done, threads: threads, &writer)
      let slots = takeSlots(n, &writer)
      insertBatch(
        vectors + done * configuration.dimension, keys: keys[done..<(done + n)], slots: slots,
        threads: threads, writer: &writer)
      countStrays(slots, &writer)
      keyMap.withLock { map in
        for slot in slots { map.set(storage.keys[Int(slot)], slot, storage.keys) }
      }
      if let old, let new = slots.first {
        supersede(old, by: new, &writer)
      } else {
        for slot in slots { storage.setState(slot, SlotState.live) }
        liveCount.wrappingAdd(n, ordering: .releasing)
      }
      changes.wrappingAdd(n, ordering: .relaxed)
      done += n
      progress?(done)
    }
  }

  /// Lets searches that begin from now on see one slot instead of another.
  private func supersede(_ old: UInt32, by new: UInt32, _ writer: inout Writer) {
    let version = storage.versions.prepare(old: old, new: new)
    storage.setState(new, SlotState.arriving)
    storage.setState(old, SlotState.superseded)
    storage.versions.current.store(version, ordering: .sequentiallyConsistent)
    let epoch = readers.advance()
    writer.arriving.append((epoch, new))
    writer.superseded.append((epoch, old))
  }

  private func takeSlots(_ n: Int, _ writer: inout Writer) -> [UInt32] {
    let reused = min(n, writer.freeSlots.count)
    var slots = Array(writer.freeSlots.suffix(reused).reversed())
    writer.freeSlots.removeLast(reused)
    let next = slotCount.load(ordering: .relaxed)
    for i in 0..<(n - reused) { slots.append(UInt32(next + i)) }
    return slots
  }

  /// Fills the slots' arrays, links the nodes and publishes them, not yet live.
  func insertBatch(
    _ vectors: UnsafePointer<Float>, keys: ArraySlice<UInt64>, slots: [UInt32], threads: Int,
    writer: inout Writer
  ) {
    let oldEntry = entry
    let oldLimit = slotCount.load(ordering: .relaxed)
    let workers = writer.workers
    let rows = SendablePointer(vectors)
    Parallel.chunks(slots.count, of: 16, threads: threads) { worker, range in
      for i in range { self.fill(slots[i], from: rows.p + i * self.space.dimension, workers[worker]) }
    }
    let firsts = firstPlaces(slots)
    let levels = zip(keys, firsts).map { $1 == nil ? level(for: $0) : 0 }
    for (i, key) in keys.enumerated() {
      let slot = Int(slots[i])
      storage.keys[slot] = key
      storage.setState(slots[i], SlotState.joining)
      storage.levels[slot] = UInt8(levels[i])
      storage.upperIndex[slot] = levels[i] > 0 ? takeLists(levels[i], &writer) ?? 0 : 0
      for l in 0...levels[i] { storage.links(slots[i], level: l).clear() }
    }
    let chosen = UnsafeMutablePointer<[[UInt32]]>.allocate(capacity: slots.count)
    chosen.initialize(repeating: [], count: slots.count)
    let originals = UnsafeMutablePointer<UInt32>.allocate(capacity: slots.count)
    originals.initialize(repeating: Link.empty, count: slots.count)
    defer {
      chosen.deinitialize(count: slots.count)
      chosen.deallocate()
      originals.deallocate()
    }
    let places = Dictionary(uniqueKeysWithValues: zip(slots, slots.indices))
    let found = Batch(
      slots: slots, levels: levels, firsts: firsts, originals: originals, places: places, chosen: chosen)
    Parallel.chunks(slots.count, of: 8, threads: threads) { worker, range in
      for i in range {
        self.choose(i, of: found, entry: oldEntry, limit: oldLimit, workers[worker])
      }
    }
    let batch = hideCopies(of: found, &writer)
    let edges = connect(batch, isFirst: oldEntry.isNone, worker: workers[0])
    slotCount.store(max(oldLimit, Int(slots.max() ?? 0) + 1), ordering: .releasing)
    let groups = groups(of: edges)
    Parallel.chunks(groups.count, of: 64, threads: threads) { worker, range in
      for g in range {
        if g + 4 < groups.count {
          let soon = edges[groups[g + 4].lowerBound]
          self.storage.links(soon.target, level: soon.level).request()
        }
        let group = edges[groups[g]]
        guard let first = group.first else { continue }
        workers[worker].extend(first.target, level: first.level, with: group.map(\.word))
      }
    }
    if let top = batch.levels.max(), oldEntry.isNone || top > oldEntry.level,
      let i = batch.levels.firstIndex(of: top)
    {
      entryWord.store(EntryPoint(slot: slots[i], level: top).word, ordering: .releasing)
    }
  }

  /// By place, the first place with the same vector, if that is another.
  private func firstPlaces(_ slots: [UInt32]) -> [Int?] {
    var firsts = [Int?](repeating: nil, count: slots.count)
    guard slots.count > 1 else { return firsts }
    var seen: [UInt64: Int] = [:]
    seen.reserveCapacity(slots.count)
    for (i, slot) in slots.enumerated() {
      // Different vectors of one hash are nodes of their own.
      guard let first = seen.updateValue(i, forKey: storage.hash(slot)) else { continue }
      if storage.haveSameVector(slots[first], slot) {
        firsts[i] = firsts[first] ?? first
      }
    }
    return firsts
  }

  /// Puts those of a batch that have the vector of another node into its ring, off the levels they would be on.
  private func hideCopies(of batch: Batch, _ writer: inout Writer) -> Batch {
    var batch = batch
    for (i, slot) in batch.slots.enumerated() {
      guard let node = batch.node(of: i) else { continue }
      batch.hasHidden = true
      if batch.levels[i] > 0 {
        writer.freeUpper[batch.levels[i]].append(storage.upperIndex[Int(slot)])
        storage.upperIndex[Int(slot)] = 0
        storage.levels[Int(slot)] = 0
        batch.levels[i] = 0
      }
      storage.hide(slot, behind: node)
    }
    return batch
  }

  private func groups(of edges: [ReverseEdge]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var begin = 0
    for i in edges.indices {
      let isLast = i + 1 == edges.count
      if isLast || edges[i + 1].target != edges[i].target || edges[i + 1].level != edges[i].level {
        groups.append(begin..<(i + 1))
        begin = i + 1
      }
    }
    return groups
  }

  private func fill(_ slot: UInt32, from vector: UnsafePointer<Float>, _ worker: BuildWorker) {
    let row = storage.row(slot)
    var sum = 0.0
    for i in 0..<space.dimension { sum += Double(vector[i]) * Double(vector[i]) }
    space.store(vector, squaredNorm: sum, to: row)
    encode(slot, squaredNorm: space.metric == .cosine ? 1 : Float(sum), worker)
  }

  /// Writes the code of a slot's row and what belongs to it.
  func encode(_ slot: UInt32, squaredNorm: Float, _ worker: BuildWorker) {
    guard space.usesCodes else { return }
    let (step, residual) = space.encode(
      storage.row(slot), squaredNorm: squaredNorm, center: storage.center, scratch: worker.scratch,
      to: storage.code(slot))
    storage.residuals[Int(slot)] = residual
    if space.metric != .cosine {
      storage.terms[Int(slot)] = CodeTerms(step: step, squaredNorm: squaredNorm)
    }
  }

  /// Number of levels above the lowest that the node of a key reaches: each with probability 1/M.
  func level(for key: UInt64) -> Int {
    let hash = SplitMix.mix(key ^ SplitMix.mix(configuration.seed &+ 0x6A09_E667_F3BC_C909))
    var threshold = UInt64.max / UInt64(configuration.M)
    var level = 0
    while level < Writer.topLevel && hash < threshold {
      level += 1
      threshold /= UInt64(configuration.M)
    }
    return level
  }

  /// Consecutive lists of the upper levels' array; `nil` where there is no room for them.
  func takeLists(_ n: Int, _ writer: inout Writer) -> UInt32? {
    // A free run of this length, or the start of a longer one.
    for length in n...Writer.topLevel {
      guard let run = writer.freeUpper[length].popLast() else { continue }
      if length > n { writer.freeUpper[length - n].append(run + UInt32(n)) }
      return run
    }
    guard writer.upperCount + n <= storage.upperCapacity else { return nil }
    let run = writer.upperCount
    writer.upperCount += n
    return UInt32(run)
  }
}

/// Lets a pointer that outlives the work, which only reads, cross to the threads that do it.
struct SendablePointer: @unchecked Sendable {
  let p: UnsafePointer<Float>
  init(_ p: UnsafePointer<Float>) { self.p = p }
}
