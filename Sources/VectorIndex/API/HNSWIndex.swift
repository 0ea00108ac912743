internal import Synchronization

/// An embedded vector index: an HNSW graph (Malkov & Yashunin 2016) over quantised codes with exact re-ranking,
/// beside an exact scan.
///
/// All methods are safe from any number of threads. Searches do not wait for each other, nor for the one writer at a
/// time but for the moment in which its arrays move, each time the index has doubled. Scores are always exact float32 values of the stored vectors.
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
  /// The caller's bytes, as last opened or saved.
  let keptUserInfo = Guarded<[UInt8]>([])

  /// Slots that have ever been used.
  let slotCount = Atomic<Int>(0)
  let liveCount = Atomic<Int>(0)
  /// Vectors added, replaced and removed.
  let changes = Atomic<Int>(0)
  let entryWord = Atomic<UInt64>(EntryPoint.none.word)
  /// The thread that is changing the index; 0 without one.
  let writingThread = Atomic<UInt>(0)

  /// True while all codes are made anew; searches that begin meanwhile read none.
  let isRecoding = Atomic<Bool>(false)

  /// Creates an empty index.
  ///
  /// - Throws: ``IndexError/invalidParameter(name:value:allowed:)``, ``IndexError/outOfMemory(bytes:)``.
  public convenience init(_ configuration: Configuration) throws(IndexError) {
    try self.init(configuration, snapshot: nil, slots: min(configuration.maximumCount, 256), lists: 64)
  }

  /// Creates an index with room for so many slots and upper lists.
  init(
    _ configuration: Configuration, snapshot: SnapshotFile?, slots: Int, lists: Int
  ) throws(IndexError) {
    try configuration.validate()
    self.configuration = configuration
    space = Space(
      dimension: configuration.dimension, metric: configuration.metric, seed: configuration.seed)
    storage = try Storage(space: space, degree: configuration.M, slots: slots, lists: lists)
    readers = Readers(storage)
    writer = Guarded(Writer())
    self.snapshot = snapshot
  }

  deinit { snapshot?.abandon() }

  /// Number of vectors in the index.
  ///
  /// - Complexity: O(1).
  public var count: Int { liveCount.load(ordering: .acquiring) }

  var entry: EntryPoint { EntryPoint(word: entryWord.load(ordering: .acquiring)) }

  /// Prepares for `n` vectors in total, so that nothing has to grow while they come. Takes 6 to 12 bytes a vector at
  /// once, for the map of keys; the arrays take memory only as vectors come.
  ///
  /// - Complexity: O(n).
  /// - Throws: ``IndexError/outOfMemory(bytes:)``, ``IndexError/searchesUnderWay(seconds:)``.
  public func reserve(_ n: Int) throws(IndexError) {
    let n = min(n, configuration.maximumCount)
    guard n > count else { return }
    try write { (writer) throws(IndexError) in
      try makeRoom(slots: n, lists: writer.upperCount + n / max(1, configuration.M - 1))
      keyMap.withLock { $0.reserve(n, storage.keys) }
    }
  }

  /// Lets the arrays have at least so many slots and upper lists; they move if they have not.
  func makeRoom(slots: Int, lists: Int) throws(IndexError) {
    guard slots <= Int(Link.mask) - 1 else { throw .full(maximumCount: Int(Link.mask) - 1) }
    guard slots > storage.capacity || lists > storage.upperCapacity else { return }
    func grown(_ present: Int, _ needed: Int) -> Int { needed > present ? max(needed, 2 * present) : present }
    let slots = min(grown(storage.capacity, slots), Int(Link.mask) - 1)
    let lists = grown(storage.upperCapacity, lists)
    var larger: Storage.Arrays? = try Storage.Arrays(storage.sizes, slots: slots, lists: lists)
    let hasMoved = readers.exclusive {
      if let arrays = larger.take() { storage.move(to: arrays) }
    }
    guard hasMoved else { throw .searchesUnderWay(seconds: Readers.patience) }
  }
}
