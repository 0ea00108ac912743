/// Everything that one search needs for itself; kept between searches.
final class SearchContext {
  let storage: Storage
  let query: QueryBuffer
  let pool = CandidatePool()
  let visited = VisitedSet()
  /// Slots below this existed when the search began; others are not looked at.
  var limit: UInt32 = 0

  let ids: UnsafeMutablePointer<UInt32>
  let dots: UnsafeMutablePointer<Int32>
  let keys: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<Float>
  /// Slots that one call of a kernel may be given.
  static let batch = 1024

  init(_ storage: Storage) {
    self.storage = storage
    query = QueryBuffer(storage.space)
    let room = max(Self.batch, storage.baseDegree + 16)
    ids = .aligned(count: room)
    dots = .aligned(count: room)
    keys = .aligned(count: room)
    distances = .aligned(count: room)
  }

  deinit {
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
