/// Everything that one search needs for itself; kept between searches.
final class SearchContext {
  let storage: Storage
  let query: QueryBuffer
  var pool = CandidatePool()
  var visited = VisitedSet()
  /// Slots below this existed when the search began; others are not looked at.
  var limit: UInt32 = 0
  /// False while the writer makes all codes anew.
  var readsCodes = true

  // Copies of what every expansion needs, one load away.
  let comparesCodes: Bool
  let codeRows: Kernels.CodeRows
  let codes: UnsafeMutablePointer<UInt8>
  let blocks: Int

  let ids: UnsafeMutablePointer<UInt32>
  let dots: UnsafeMutablePointer<Int32>
  let keys: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<Float>
  /// Slots that one call of a kernel may be given.
  static let batch = 1024

  init(_ storage: Storage) {
    self.storage = storage
    query = QueryBuffer(storage.space, storage.center)
    comparesCodes = storage.space.usesCodes && storage.space.metric == .cosine
    codeRows = storage.space.kernels.codeRows
    codes = storage.codes
    blocks = storage.space.blocks
    let room = max(Self.batch, 2 * storage.baseDegree + 16)
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

  func begin(limit: Int) {
    self.limit = UInt32(limit)
    visited.reset(limit: limit)
  }
}
