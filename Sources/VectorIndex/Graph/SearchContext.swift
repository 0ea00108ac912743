/// Everything that one search needs for itself; kept between searches.
///
/// Contract: kernels are given at most `batch` slots at a time, or a list and some, all below `limit`.
final class SearchContext {
  let storage: Storage
  let query: QueryBuffer
  var pool = CandidatePool()
  var visited = VisitedSet()
  /// Slots below this existed when the search began; others are not looked at.
  var limit: UInt32 = 0
  /// What codes leave out of the candidates that were measured first.
  var measuredResidual: Float = 0
  /// Which updates the search sees.
  var version: UInt64 = 0
  /// What has been ranked, where there are several slots with one vector.
  var ranked: Set<UInt32> = []
  /// The node that the search is to find its way without.
  var absence: Absence?
  /// False while the writer makes all codes anew.
  var readsCodes = true

  /// Whether the traversal compares the floats themselves: always where there are no codes, else where codes cannot tell
  /// candidates apart.
  private(set) var readsRows: Bool

  // Copies of what every expansion needs, one load away.
  private(set) var comparesCodes: Bool
  let codeRows: Kernels.CodeRows
  private(set) var codes: UnsafeMutablePointer<UInt8>
  let blocks: Int

  let ids: UnsafeMutablePointer<UInt32>
  let dots: UnsafeMutablePointer<Int32>
  let keys: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<Float>
  /// Slots that ``ids``, ``keys`` and the other lists have room for.
  let room: Int
  /// Slots that one call of a kernel may be given.
  static let batch = 1024

  init(_ storage: Storage) {
    self.storage = storage
    query = QueryBuffer(storage.space, storage.center)
    readsRows = !storage.space.usesCodes
    comparesCodes = storage.space.usesCodes && storage.space.metric == .cosine
    codeRows = storage.space.kernels.codeRows
    codes = storage.codes
    blocks = storage.space.blocks
    room = max(Self.batch, 2 * storage.baseDegree + 16)
    ids = .aligned(count: room)
    dots = .aligned(count: room)
    keys = .aligned(count: room)
    distances = .aligned(count: room)
  }

  deinit {
    pool.deallocate()
    visited.deallocate()
    ids.deallocate()
    dots.deallocate()
    keys.deallocate()
    distances.deallocate()
  }

  /// Chooses what the traversal compares from now on: rows of floats, or codes.
  func read(rows: Bool) {
    readsRows = rows
    comparesCodes = !rows && storage.space.metric == .cosine
  }

  func begin(limit: Int) {
    assert(limit <= storage.capacity)
    codes = storage.codes
    read(rows: !storage.space.usesCodes)
    self.limit = UInt32(limit)
    absence = nil
    visited.reset(limit: limit)
  }
}
