internal import CVectorKernels

/// Life of a slot. Only live slots are ever reported.
enum SlotState {
  static let free: UInt8 = 0
  static let live: UInt8 = 1
  /// Removed, but still part of the graph until the next repair.
  static let removed: UInt8 = 2
  /// Being linked.
  static let joining: UInt8 = 3
}

extension Storage {
  func state(_ slot: UInt32) -> UInt8 { cvk_load_byte(states + Int(slot)) }
  func setState(_ slot: UInt32, _ state: UInt8) { cvk_store_byte(states + Int(slot), state) }
  func isLive(_ slot: UInt32) -> Bool { state(slot) == SlotState.live }
}
