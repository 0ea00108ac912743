internal import Synchronization

/// An embedded vector index: an HNSW graph (Malkov & Yashunin 2016) over quantised codes with exact re-ranking,
/// beside an exact scan.
///
/// All methods are safe from any number of threads: searches never wait, neither for each other nor for the
/// one writer at a time. Scores are always exact float32 values of the stored vectors.
public final class HNSWIndex: Sendable {
  /// What the index was created with.
  public let configuration: Configuration

  let space: Space
  let storage: Storage
  let readers: Readers
  let counters = PathCounters()
  /// State of the writer; holding the lock makes one the writer.
  let writer: Guarded<Writer>
  let keyMap = Guarded(KeyMap())
  let tuning = Guarded(Tuning())
  let snapshot: SnapshotFile?

  /// Slots that have ever been used.
  let slotCount = Atomic<Int>(0)
  let liveCount = Atomic<Int>(0)
  let entryWord = Atomic<UInt64>(EntryPoint.none.word)
  /// Odd while an update swaps two vectors of one key.
  let swaps = Atomic<UInt64>(0)

  /// True while all codes are made anew; searches that begin meanwhile read none.
  let isRecoding = Atomic<Bool>(false)

  /// Creates an empty index.
  ///
  /// - Throws: ``IndexError/invalidParameter(name:value:allowed:)``, ``IndexError/outOfMemory(bytes:)``.
  public convenience init(_ configuration: Configuration) throws(IndexError) {
    try self.init(configuration, snapshot: nil)
  }

  init(_ configuration: Configuration, snapshot: SnapshotFile?) throws(IndexError) {
    try configuration.validate()
    self.configuration = configuration
    space = Space(
      dimension: configuration.dimension, metric: configuration.metric, seed: configuration.seed)
    storage = try Storage(space: space, capacity: configuration.maximumCount, degree: configuration.M)
    readers = Readers(storage)
    writer = Guarded(Writer())
    self.snapshot = snapshot
  }

  /// Number of vectors in the index.
  ///
  /// - Complexity: O(1).
  public var count: Int { liveCount.load(ordering: .acquiring) }

  var entry: EntryPoint { EntryPoint(word: entryWord.load(ordering: .acquiring)) }

  /// Prepares for `n` vectors in total. Memory is taken only as vectors come; this only spares growing tables.
  ///
  /// - Complexity: O(n).
  public func reserve(_ n: Int) {
    keyMap.withLock { $0.reserve(min(n, configuration.maximumCount), storage.keys) }
  }
}
