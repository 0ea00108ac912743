internal import Synchronization

/// The arrays of one index, one entry a slot, each in its own reservation.
///
/// Contract: entries below `capacity` (`upperCapacity` for lists of the upper levels) may be accessed. Arrays move or
/// shrink only by `move` and `trim`, which the writer calls while no search is under way; hence unchecked sendable.
final class Storage: @unchecked Sendable {
  let space: Space
  let center: Center
  let versions = Versions()
  let degree: Int
  /// Links a node has room for on the lowest level.
  let baseDegree: Int
  /// Whether the arrays are those of a mapped file that nobody has read to its end yet.
  let isOnDisk = Atomic<Bool>(false)
  /// Slots with the vector of another, which are in no graph.
  let hiddenCount = Atomic<Int>(0)
  /// Whether there has ever been one.
  let hasTwins = Atomic<Bool>(false)

  private var arrays: Arrays
  // Read by every search: without the checks that the language makes for variables of classes.
  @exclusivity(unchecked) private(set) var capacity = 0
  /// Lists that the upper levels have room for.
  @exclusivity(unchecked) private(set) var upperCapacity = 0
  @exclusivity(unchecked) private var places: Places

  @inline(__always) var vectors: UnsafeMutablePointer<Float> { places.vectors }
  @inline(__always) var codes: UnsafeMutablePointer<UInt8> { places.codes }
  @inline(__always) var residuals: UnsafeMutablePointer<Float> { places.residuals }
  @inline(__always) var terms: UnsafeMutablePointer<CodeTerms> { places.terms }
  @inline(__always) var keys: UnsafeMutablePointer<UInt64> { places.keys }
  @inline(__always) var levels: UnsafeMutablePointer<UInt8> { places.levels }
  @inline(__always) var states: UnsafeMutablePointer<UInt8> { places.states }
  @inline(__always) var base: UnsafeMutablePointer<UInt32> { places.base }
  @inline(__always) var upperIndex: UnsafeMutablePointer<UInt32> { places.upperIndex }
  @inline(__always) var upper: UnsafeMutablePointer<UInt32> { places.upper }
  @inline(__always) var twins: UnsafeMutablePointer<Twin> { places.twins }

  /// Where the arrays begin.
  private struct Places {
    let vectors: UnsafeMutablePointer<Float>
    let codes: UnsafeMutablePointer<UInt8>
    let residuals: UnsafeMutablePointer<Float>
    let terms: UnsafeMutablePointer<CodeTerms>
    let keys: UnsafeMutablePointer<UInt64>
    let levels: UnsafeMutablePointer<UInt8>
    let states: UnsafeMutablePointer<UInt8>
    let base: UnsafeMutablePointer<UInt32>
    let upperIndex: UnsafeMutablePointer<UInt32>
    let upper: UnsafeMutablePointer<UInt32>
    let twins: UnsafeMutablePointer<Twin>

    init(_ arrays: borrowing Arrays) {
      vectors = arrays.vectors.base.assumingMemoryBound(to: Float.self)
      codes = arrays.codes.base.assumingMemoryBound(to: UInt8.self)
      residuals = arrays.residuals.base.assumingMemoryBound(to: Float.self)
      terms = arrays.terms.base.assumingMemoryBound(to: CodeTerms.self)
      keys = arrays.keys.base.assumingMemoryBound(to: UInt64.self)
      levels = arrays.levels.base.assumingMemoryBound(to: UInt8.self)
      states = arrays.states.base.assumingMemoryBound(to: UInt8.self)
      base = arrays.base.base.assumingMemoryBound(to: UInt32.self)
      upperIndex = arrays.upperIndex.base.assumingMemoryBound(to: UInt32.self)
      upper = arrays.upper.base.assumingMemoryBound(to: UInt32.self)
      twins = arrays.twins.base.assumingMemoryBound(to: Twin.self)
    }
  }

  /// The memory of all arrays.
  struct Arrays: ~Copyable {
    let slots: Int
    let lists: Int
    var vectors: Reservation
    var codes: Reservation
    var residuals: Reservation
    var terms: Reservation
    var keys: Reservation
    var levels: Reservation
    var states: Reservation
    var base: Reservation
    var upperIndex: Reservation
    var upper: Reservation
    var twins: Reservation

    init(_ sizes: Sizes, slots: Int, lists: Int) throws(IndexError) {
      let vectors = try Reservation(bytes: slots * sizes.vector)
      let codes = try Reservation(bytes: slots * sizes.code)
      let residuals = try Reservation(bytes: slots * sizes.residual)
      let terms = try Reservation(bytes: slots * sizes.terms)
      let keys = try Reservation(bytes: slots * 8)
      let levels = try Reservation(bytes: slots)
      let states = try Reservation(bytes: slots)
      let base = try Reservation(bytes: slots * sizes.base)
      let upperIndex = try Reservation(bytes: slots * 4)
      let upper = try Reservation(bytes: lists * sizes.upper)
      let twins = try Reservation(bytes: slots * MemoryLayout<Twin>.stride)
      self.slots = slots
      self.lists = lists
      self.vectors = vectors
      self.codes = codes
      self.residuals = residuals
      self.terms = terms
      self.keys = keys
      self.levels = levels
      self.states = states
      self.base = base
      self.upperIndex = upperIndex
      self.upper = upper
      self.twins = twins
    }

    mutating func receive(_ old: consuming Arrays) {
      vectors.receive(old.vectors)
      codes.receive(old.codes)
      residuals.receive(old.residuals)
      terms.receive(old.terms)
      keys.receive(old.keys)
      levels.receive(old.levels)
      states.receive(old.states)
      base.receive(old.base)
      upperIndex.receive(old.upperIndex)
      upper.receive(old.upper)
      twins.receive(old.twins)
    }

    mutating func clear(_ sizes: Sizes, from slots: Int, lists: Int) {
      vectors.clear(from: slots * sizes.vector)
      codes.clear(from: slots * sizes.code)
      residuals.clear(from: slots * sizes.residual)
      terms.clear(from: slots * sizes.terms)
      keys.clear(from: slots * 8)
      levels.clear(from: slots)
      states.clear(from: slots)
      base.clear(from: slots * sizes.base)
      upperIndex.clear(from: slots * 4)
      upper.clear(from: lists * sizes.upper)
      twins.clear(from: slots * MemoryLayout<Twin>.stride)
    }
  }

  /// Bytes of an entry in those arrays whose entries depend on the space.
  struct Sizes {
    let vector: Int
    let code: Int
    let residual: Int
    let terms: Int
    let base: Int
    /// Of one list.
    let upper: Int

    init(_ space: Space, degree: Int) {
      vector = space.stride * 4
      code = space.codeBytes
      residual = space.usesCodes ? 4 : 0
      terms = space.usesCodes && space.metric != .cosine ? MemoryLayout<CodeTerms>.stride : 0
      base = 2 * degree * 4
      upper = degree * 4
    }
  }

  let sizes: Sizes

  /// Makes room for so many slots, and lists of the upper levels.
  init(space: Space, degree: Int, slots: Int, lists: Int) throws(IndexError) {
    self.space = space
    center = Center(space)
    self.degree = degree
    baseDegree = 2 * degree
    sizes = Sizes(space, degree: degree)
    arrays = try Arrays(sizes, slots: max(1, slots), lists: max(1, lists))
    capacity = arrays.slots
    upperCapacity = arrays.lists
    places = Places(arrays)
  }

  /// Moves everything to larger arrays. The writer calls it while no search is under way.
  func move(to larger: consuming Arrays) {
    assert(larger.slots >= capacity && larger.lists >= upperCapacity)
    swap(&arrays, &larger)
    arrays.receive(larger)
    capacity = arrays.slots
    upperCapacity = arrays.lists
    places = Places(arrays)
  }

  /// Empties all slots and lists from these numbers on and gives their memory back. The writer calls it while no search
  /// is under way.
  func trim(slots: Int, lists: Int) { arrays.clear(sizes, from: slots, lists: lists) }

  /// Maps a part of a file over an array that is large.
  func map(_ kind: SnapshotHeader.Kind, bytes: Int, of descriptor: Int32, from offset: Int) -> Bool {
    switch kind {
    case .baseLinks: arrays.base.map(bytes, of: descriptor, from: offset)
    case .residuals: arrays.residuals.map(bytes, of: descriptor, from: offset)
    case .terms: arrays.terms.map(bytes, of: descriptor, from: offset)
    case .codes: arrays.codes.map(bytes, of: descriptor, from: offset)
    case .vectors: arrays.vectors.map(bytes, of: descriptor, from: offset)
    default: false
    }
  }

  var vectorBytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: UInt8.self)
  }

  func row(_ slot: UInt32) -> UnsafeMutablePointer<Float> {
    assert(slot < capacity)
    return vectors + Int(slot) * space.stride
  }

  func code(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> {
    assert(slot < capacity)
    return codes + Int(slot) * space.codeBytes
  }
}
