/// What one building thread needs for itself; unchecked sendable since only that thread uses it.
///
/// Contract: lists of at most `room` candidates, batches of at most `Batch.size` nodes.
final class BuildWorker: @unchecked Sendable {
  let context: SearchContext
  /// What may become a neighbour, as it was found and sorted by distance; and what was chosen.
  let gathered: UnsafeMutablePointer<Candidate>
  let candidates: UnsafeMutablePointer<Candidate>
  let chosen: UnsafeMutablePointer<Candidate>
  /// The slots of those chosen.
  let selected: UnsafeMutablePointer<UInt32>
  /// The slots of a new node's candidates, closest first.
  let closest: UnsafeMutablePointer<UInt32>
  /// By place in a list, whether its link stays.
  let stays: UnsafeMutablePointer<Bool>
  let sorter: CandidatePool
  let scratch: UnsafeMutablePointer<Float>
  /// By place in the batch, what the traversal orders the node's mates by.
  private let mateKeys: UnsafeMutablePointer<UInt32>

  /// A node that might become a neighbour.
  struct Candidate {
    var distance: Float = 0
    var slot: UInt32
    /// Link flags; a flagged link is kept whatever is closer.
    var flags: UInt32 = 0
    /// Where its link lies in the list that is being chosen anew, or -1.
    var place: Int32 = -1
    /// Whether it comes after the node that is being linked, in the same batch.
    var isLater = false

    var word: UInt32 { slot | flags }
  }

  init(_ storage: Storage) {
    context = SearchContext(storage)
    // A list, and the links of a batch or all that those of a list lead to.
    let width = storage.baseDegree
    let room = width + max(Batch.size, width * width, Self.consideredCount)
    gathered = .allocate(capacity: room)
    candidates = .allocate(capacity: room)
    chosen = .allocate(capacity: room)
    selected = .aligned(count: room)
    closest = .aligned(count: room)
    stays = .allocate(capacity: width)
    stays.initialize(repeating: false, count: width)
    var pool = CandidatePool()
    pool.reset(capacity: room)
    sorter = pool
    scratch = .aligned(count: storage.space.stride)
    mateKeys = .aligned(count: Batch.size)
  }

  deinit {
    gathered.deallocate()
    candidates.deallocate()
    chosen.deallocate()
    selected.deallocate()
    closest.deallocate()
    stays.deallocate()
    sorter.deallocate()
    scratch.deallocate()
    mateKeys.deallocate()
  }

  /// Candidates of a new node that are measured exactly; those behind them are hardly ever chosen.
  static let consideredCount = 128

  /// Compares the node at place `i` of a batch, the context's query, with the whole batch.
  func compareMates(_ i: Int, of batch: Batch) {
    let count = batch.slots.count
    guard count > 1 else { return }
    for j in 0..<count { context.ids[j] = batch.slots[j] }
    context.computeKeys(context.ids, count)
    mateKeys.update(from: context.keys, count: count)
  }

  /// Offers some mates, those that are on a level, to the context's pool; false if none is.
  @discardableResult
  func offerMates(_ places: Range<Int>, of batch: Batch, level: Int) -> Bool {
    var found = 0
    for j in places where batch.levels[j] >= level && batch.firsts[j] == nil {
      context.ids[found] = batch.slots[j]
      context.keys[found] = mateKeys[j]
      found += 1
    }
    context.pool.offer(context.storage.space.kernels.offer, keys: context.keys, slots: context.ids, found)
    return found > 0
  }
}
