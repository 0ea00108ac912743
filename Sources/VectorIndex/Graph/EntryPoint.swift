/// The node on the highest level, where every search starts.
struct EntryPoint: Equatable {
  var slot: UInt32
  var level: Int

  static let none = EntryPoint(slot: Link.mask, level: 0)
  var isNone: Bool { slot == Link.mask }

  var word: UInt64 { UInt64(level) << 32 | UInt64(slot) }

  init(slot: UInt32, level: Int) {
    self.slot = slot
    self.level = level
  }

  init(word: UInt64) {
    slot = UInt32(truncatingIfNeeded: word)
    level = Int(word >> 32)
  }
}
