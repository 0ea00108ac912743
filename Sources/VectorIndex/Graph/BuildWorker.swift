/// What one building thread needs for itself.
final class BuildWorker: @unchecked Sendable {
  let context: SearchContext
  var candidates: [Candidate] = []
  let selected: UnsafeMutablePointer<UInt32>
  let words: UnsafeMutablePointer<UInt32>
  let isNew: UnsafeMutablePointer<Bool>
  let distances: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutablePointer<Float>
  /// By place in the batch, what the traversal orders the node's mates by.
  private let mateKeys: UnsafeMutablePointer<UInt32>

  /// A node that might become a neighbour.
  struct Candidate {
    var distance: Float
    var slot: UInt32
    /// Link flags; a flagged link is kept whatever is closer.
    var flags: UInt32

    static func closer(_ a: Candidate, _ b: Candidate) -> Bool {
      a.distance != b.distance ? a.distance < b.distance : a.slot < b.slot
    }
  }

  init(_ storage: Storage) {
    context = SearchContext(storage)
    let room = storage.baseDegree + 16
    selected = .aligned(count: room)
    words = .aligned(count: room)
    isNew = .allocate(capacity: room)
    isNew.initialize(repeating: false, count: room)
    distances = .aligned(count: room)
    scratch = .aligned(count: storage.space.stride)
    mateKeys = .aligned(count: Batch.size)
  }

  deinit {
    selected.deallocate()
    words.deallocate()
    isNew.deallocate()
    distances.deallocate()
    scratch.deallocate()
    mateKeys.deallocate()
  }

  /// Compares the node at place `i` of a batch, the context's query, with the whole batch.
  func compareMates(_ i: Int, of batch: Batch) {
    let count = batch.slots.count
    guard count > 1 else { return }
    for j in 0..<count { context.ids[j] = batch.slots[j] }
    context.computeKeys(context.ids, count)
    mateKeys.update(from: context.keys, count: count)
  }

  /// Offers the mates that are on a level to the context's pool.
  func offerMates(_ i: Int, of batch: Batch, level: Int) {
    var found = 0
    for j in batch.slots.indices where j != i && batch.levels[j] >= level {
      context.ids[found] = batch.slots[j]
      context.keys[found] = mateKeys[j]
      found += 1
    }
    context.pool.offer(context.storage.space.kernels.offer, keys: context.keys, slots: context.ids, found)
  }
}
