/// What only the one writer at a time uses.
struct Writer {
  /// Slots to use again, last first.
  var freeSlots: [UInt32] = []
  /// Removed or superseded, still linked to.
  var removed: [UInt32] = []
  /// The walk over all lists that takes the links to some of the removed away.
  var sweep: Sweep?
  /// Replaced by updates, in epochs in which searches may still be to find them.
  var superseded: [(epoch: UInt64, slot: UInt32)] = []
  /// Unlinked in an epoch, perhaps still seen by a search that began in it.
  var leaving: [(epoch: UInt64, slots: [UInt32])] = []
  /// Lists used of the upper levels' array, and runs of lists to use again, by length.
  var upperCount = 0
  var freeUpper = Writer.noLists
  /// Slots that updates have filled, in epochs in which searches may still be to see the old vector.
  var arriving: [(epoch: UInt64, slot: UInt32)] = []
  /// Vectors there were when the centre of the codes was last thought about.
  var centeredAt = 0
  /// Vectors added since then of which codes leave out more than twice the usual.
  var strays = 0
  /// Building contexts, one a thread.
  var workers: [BuildWorker] = []

  static let topLevel = 16
  static let noLists: [[UInt32]] = Array(repeating: [], count: topLevel + 1)

  /// Done piece by piece, so that no single removal takes long.
  struct Sweep {
    /// Those that nothing will link to at the end.
    let slots: [UInt32]
    /// The first slot whose lists have not been read.
    var next: UInt32 = 0
  }
}
