internal import Glibc
internal import Synchronization

extension HNSWIndex {
  /// Adds one vector.
  ///
  /// - Complexity: O(log n) expected. Adding many at once is faster and can use several threads.
  /// - Throws: ``IndexError`` when the vector or key is refused; the index is then unchanged.
  public func add(_ vector: [Float], key: UInt64) throws(IndexError) {
    try add(vector, keys: [key])
  }

  /// Adds vectors, row after row.
  ///
  /// The graph depends on the vectors, their order and the seed, not on the number of threads. Searches see the
  /// vectors batch by batch while they are added.
  /// - Parameters:
  ///   - vectors: `keys.count` rows of `dimension` floats.
  ///   - keys: One key a row, none in the index already.
  ///   - threads: Threads to build with, this one included, 1 or more; at most 64 are used.
  ///   - progress: Called now and then, on this thread, with the number of vectors added so far. It may search, but a
  ///     change or save would wait for itself and throws ``IndexError/calledFromCallback``.
  /// - Complexity: O(n log n) expected.
  /// - Throws: ``IndexError`` when any vector or key is refused; the index is then unchanged.
  public func add(
    _ vectors: UnsafeBufferPointer<Float>, keys: [UInt64], threads: Int = 1,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws(IndexError) {
    let dimension = configuration.dimension
    guard vectors.count == keys.count * dimension else {
      if keys.count == 1 { throw .wrongDimension(expected: dimension, actual: vectors.count) }
      guard vectors.count.isMultiple(of: dimension) else {
        throw .invalidParameter(
          name: "vectors.count", value: "\(vectors.count)",
          allowed: "a multiple of the dimension, \(dimension)")
      }
      throw .wrongKeyCount(rows: vectors.count / dimension, keys: keys.count)
    }
    try Self.check(threads: threads)
    guard let rows = vectors.baseAddress, !keys.isEmpty else { return }
    for i in keys.indices { _ = try space.validate(rows + i * dimension) }
    try write { (writer) throws(IndexError) in
      guard keys.count <= configuration.maximumCount - count else {
        throw .full(maximumCount: configuration.maximumCount)
      }
      try checkUnused(keys)
      try insert(rows, keys: keys, threads: threads, writer: &writer, progress: progress)
    }
  }

  /// Adds vectors, row after row, from an array; otherwise like the method that takes a buffer.
  ///
  /// - Complexity: O(n log n) expected.
  public func add(
    _ vectors: [Float], keys: [UInt64], threads: Int = 1, progress: (@Sendable (Int) -> Void)? = nil
  ) throws(IndexError) {
    try vectors.withUnsafeBufferPointer { (rows) throws(IndexError) in
      try add(rows, keys: keys, threads: threads, progress: progress)
    }
  }

  /// Replaces the vector of a key. A search beside it sees exactly one of the two: the old one if it began before.
  ///
  /// - Complexity: O(log n) expected.
  /// - Throws: ``IndexError/unknownKey(_:)``, or what ``add(_:key:)`` throws for the vector.
  public func update(_ vector: [Float], key: UInt64) throws(IndexError) {
    guard vector.count == configuration.dimension else {
      throw .wrongDimension(expected: configuration.dimension, actual: vector.count)
    }
    try vector.withUnsafeBufferPointer { (row) throws(IndexError) in
      guard let row = row.baseAddress else { return }
      _ = try space.validate(row)
      try write { (writer) throws(IndexError) in
        guard let old = keyMap.withLock({ $0.slot(key, storage.keys) }) else { throw .unknownKey(key) }
        try insert(row, keys: [key], replacing: old, threads: 1, writer: &writer, progress: nil)
        settle(&writer)
      }
    }
  }

  /// Adds vectors, row after row, or replaces those of keys that are in the index already.
  ///
  /// A search beside it sees for each key exactly one of the two vectors.
  /// - Parameters:
  ///   - vectors: `keys.count` rows of `dimension` floats.
  ///   - keys: One key a row, none twice.
  ///   - threads: Threads to add new keys with, this one included, 1 or more.
  /// - Complexity: O(n log n) expected.
  /// - Throws: ``IndexError`` when any vector or key is refused, or there is no room for the new keys; the index is then
  ///   unchanged. ``IndexError/outOfMemory(bytes:)`` and ``IndexError/searchesUnderWay(seconds:)`` may come after some were
  ///   replaced.
  public func upsert(
    _ vectors: UnsafeBufferPointer<Float>, keys: [UInt64], threads: Int = 1
  ) throws(IndexError) {
    let dimension = configuration.dimension
    let (floats, overflow) = keys.count.multipliedReportingOverflow(by: dimension)
    guard !overflow, vectors.count == floats else {
      throw .invalidParameter(
        name: "vectors.count", value: "\(vectors.count)", allowed: "\(keys.count) rows of \(dimension)")
    }
    try Self.check(threads: threads)
    guard let rows = vectors.baseAddress, !keys.isEmpty else { return }
    for i in keys.indices { _ = try space.validate(rows + i * dimension) }
    var seen = Set<UInt64>(minimumCapacity: keys.count)
    for key in keys where !seen.insert(key).inserted { throw .duplicateKey(key) }
    try write { (writer) throws(IndexError) in
      let isNew = keyMap.withLock { map in keys.map { map.slot($0, storage.keys) == nil } }
      let new = keys.indices.filter { isNew[$0] }
      guard new.count <= configuration.maximumCount - count else {
        throw .full(maximumCount: configuration.maximumCount)
      }
      if new.count == keys.count {
        try insert(rows, keys: keys, threads: threads, writer: &writer, progress: nil)
        return
      }
      if !new.isEmpty {
        var added: [Float] = []
        added.reserveCapacity(new.count * dimension)
        for i in new { added += UnsafeBufferPointer(start: rows + i * dimension, count: dimension) }
        try added.withUnsafeBufferPointer { (added) throws(IndexError) in
          guard let start = added.baseAddress else { return }
          try insert(start, keys: new.map { keys[$0] }, threads: threads, writer: &writer, progress: nil)
        }
      }
      for i in keys.indices where !isNew[i] {
        guard let old = keyMap.withLock({ $0.slot(keys[i], storage.keys) }) else { continue }
        try insert(
          rows + i * dimension, keys: [keys[i]], replacing: old, threads: 1, writer: &writer, progress: nil)
        settle(&writer)
      }
    }
  }

  /// Adds vectors or replaces them, from an array; otherwise like the method that takes a buffer.
  ///
  /// - Complexity: O(n log n) expected.
  public func upsert(_ vectors: [Float], keys: [UInt64], threads: Int = 1) throws(IndexError) {
    try vectors.withUnsafeBufferPointer { (rows) throws(IndexError) in
      try upsert(rows, keys: keys, threads: threads)
    }
  }

  /// Adds everything that another index of the same dimension and metric holds.
  ///
  /// - Complexity: O(m log n) for m vectors of the other index.
  /// - Throws: ``IndexError/incompatible(reason:)``, ``IndexError/duplicateKey(_:)``; vectors before the one
  ///   that is refused stay added.
  public func merge(_ other: HNSWIndex) throws(IndexError) {
    guard other !== self else { throw .incompatible(reason: "they are one and the same") }
    guard other.configuration.dimension == configuration.dimension else {
      throw .incompatible(reason: "their dimensions differ")
    }
    guard other.configuration.metric == configuration.metric else {
      throw .incompatible(reason: "their metrics differ")
    }
    let keys = try other.allKeys()
    try checkUnused(keys)
    for begin in stride(from: 0, to: keys.count, by: 8192) {
      var rows: [Float] = []
      var present: [UInt64] = []
      for key in keys[begin..<min(keys.count, begin + 8192)] {
        guard let vector = try other.vector(for: key) else { continue }
        rows += vector
        present.append(key)
      }
      try add(rows, keys: present)
    }
  }

  /// Runs one change of the index, alone.
  func write<R>(_ body: (inout Writer) throws(IndexError) -> R) throws(IndexError) -> R {
    // A callback of a search or a change would wait for the call that it is part of.
    let me = UInt(pthread_self())
    guard writingThread.load(ordering: .relaxed) != me, !readers.isInside else { throw .calledFromCallback }
    try snapshot?.waitUntilVerified()
    return try writer.withLock { (writer) throws(IndexError) in
      writingThread.store(me, ordering: .relaxed)
      defer { writingThread.store(0, ordering: .relaxed) }
      try completeKeyMap()
      settle(&writer)
      return try body(&writer)
    }
  }

  static func check(threads: Int) throws(IndexError) {
    guard threads >= 1 else {
      throw .invalidParameter(name: "threads", value: "\(threads)", allowed: "1 or more")
    }
  }

  private func checkUnused(_ keys: [UInt64]) throws(IndexError) {
    if keys.count > 1 {
      var seen = Set<UInt64>(minimumCapacity: keys.count)
      for key in keys where !seen.insert(key).inserted { throw .duplicateKey(key) }
    }
    try completeKeyMap()
    let taken = readers.read { _ in
      keyMap.withLock { map in keys.first { map.slot($0, storage.keys) != nil } }
    }
    if let taken { throw .duplicateKey(taken) }
  }
}

extension HNSWIndex {
  /// Removes the vector of a key; false if there is none.
  ///
  /// No search that begins afterwards returns it. Its neighbours are linked to each other, and its slot, vector
  /// and code are cleared for reuse, together with others removed soon after: every removal does its share of that.
  /// - Complexity: O(log n) expected.
  /// - Throws: ``IndexError/damaged(path:part:)``, ``IndexError/calledFromCallback``.
  @discardableResult
  public func remove(_ key: UInt64) throws(IndexError) -> Bool {
    try write { (writer) throws(IndexError) in
      guard let slot = keyMap.withLock({ $0.remove(key, storage.keys) }) else { return false }
      storage.setState(slot, SlotState.removed)
      liveCount.wrappingSubtract(1, ordering: .releasing)
      changes.wrappingAdd(1, ordering: .relaxed)
      retire(slot, &writer)
      return true
    }
  }

  /// Repairs the graph around everything removed so far and clears its slots now. If more than a quarter of all slots
  /// are then free, the others move together, and memory and later files shrink; searches wait meanwhile.
  ///
  /// - Complexity: O(n) reads and O(r) repairs for r removed vectors.
  /// - Throws: ``IndexError/searchesUnderWay(seconds:)``, what was removed then stays removed;
  ///   ``IndexError/damaged(path:part:)``, ``IndexError/calledFromCallback``.
  public func compact() throws(IndexError) {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      guard readers.waitFor(readers.advance()) else { throw .searchesUnderWay(seconds: Readers.patience) }
      settle(&writer)
      guard writer.freeSlots.count > slotCount.load(ordering: .relaxed) / 4 else { return }
      guard readers.exclusive({ pack(&writer) }) else { throw .searchesUnderWay(seconds: Readers.patience) }
    }
  }
}
