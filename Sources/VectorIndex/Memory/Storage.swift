internal import Synchronization

/// The arrays of one index, one entry a slot, each in its own reservation so that nothing ever moves.
final class Storage: @unchecked Sendable {
  let space: Space
  let center: Center
  let capacity: Int
  let degree: Int
  /// Whether the arrays are those of a mapped file that nobody has read to its end yet.
  let isOnDisk = Atomic<Bool>(false)

  /// Links a node has room for on the lowest level.
  let baseDegree: Int

  private let vectorMemory: Reservation
  private let codeMemory: Reservation
  private let residualMemory: Reservation
  private let termMemory: Reservation
  private let keyMemory: Reservation
  private let levelMemory: Reservation
  private let stateMemory: Reservation
  private let baseMemory: Reservation
  private let upperIndexMemory: Reservation
  private let upperMemory: Reservation

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

  /// Lists that the upper levels have room for.
  var upperCapacity: Int { capacity / 2 + 1024 }

  init(space: Space, capacity: Int, degree: Int) throws(IndexError) {
    self.space = space
    center = Center(space)
    self.capacity = capacity
    self.degree = degree
    baseDegree = 2 * degree
    vectorMemory = try Reservation(bytes: capacity * space.stride * 4)
    codeMemory = try Reservation(bytes: capacity * space.codeBytes)
    residualMemory = try Reservation(bytes: capacity * 4)
    termMemory = try Reservation(bytes: capacity * MemoryLayout<CodeTerms>.stride)
    keyMemory = try Reservation(bytes: capacity * 8)
    levelMemory = try Reservation(bytes: capacity)
    stateMemory = try Reservation(bytes: capacity)
    baseMemory = try Reservation(bytes: capacity * baseDegree * 4)
    upperIndexMemory = try Reservation(bytes: capacity * 4)
    upperMemory = try Reservation(bytes: (capacity / 2 + 1024) * degree * 4)
    vectors = vectorMemory.base.assumingMemoryBound(to: Float.self)
    codes = codeMemory.base.assumingMemoryBound(to: UInt8.self)
    residuals = residualMemory.base.assumingMemoryBound(to: Float.self)
    terms = termMemory.base.assumingMemoryBound(to: CodeTerms.self)
    keys = keyMemory.base.assumingMemoryBound(to: UInt64.self)
    levels = levelMemory.base.assumingMemoryBound(to: UInt8.self)
    states = stateMemory.base.assumingMemoryBound(to: UInt8.self)
    base = baseMemory.base.assumingMemoryBound(to: UInt32.self)
    upperIndex = upperIndexMemory.base.assumingMemoryBound(to: UInt32.self)
    upper = upperMemory.base.assumingMemoryBound(to: UInt32.self)
  }

  var vectorBytes: UnsafeMutablePointer<UInt8> { vectorMemory.base.assumingMemoryBound(to: UInt8.self) }

  func row(_ slot: UInt32) -> UnsafeMutablePointer<Float> { vectors + Int(slot) * space.stride }
  func code(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> { codes + Int(slot) * space.codeBytes }
}
