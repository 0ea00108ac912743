/// What one building thread needs for itself.
final class BuildWorker: @unchecked Sendable {
  let context: SearchContext
  var candidates: [Candidate] = []
  let selected: UnsafeMutablePointer<UInt32>
  let words: UnsafeMutablePointer<UInt32>
  let isNew: UnsafeMutablePointer<Bool>
  let distances: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutablePointer<Float>

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
  }

  deinit {
    selected.deallocate()
    words.deallocate()
    isNew.deallocate()
    distances.deallocate()
    scratch.deallocate()
  }
}
