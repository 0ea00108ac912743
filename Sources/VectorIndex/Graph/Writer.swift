/// What only the one writer at a time uses.
struct Writer {
  /// Slots to use again, last first.
  var freeSlots: [UInt32] = []
  /// Removed, still linked.
  var removed: [UInt32] = []
  /// Unlinked in an epoch, perhaps still seen by a search that began in it.
  var leaving: [(epoch: UInt64, slots: [UInt32])] = []
  /// Lists used of the upper levels' array, and runs of lists to use again, by length.
  var upperCount = 0
  var freeUpper: [[UInt32]] = Array(repeating: [], count: Writer.topLevel + 1)
  /// Vectors there were when the centre of the codes was last thought about.
  var centeredAt = 0
  /// Building contexts, one a thread.
  var workers: [BuildWorker] = []

  /// Slots unlinked but perhaps still seen.
  var leavingCount: Int { leaving.reduce(0) { $0 + $1.slots.count } }

  static let topLevel = 16
}
