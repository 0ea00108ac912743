internal import CVectorKernels
internal import Synchronization

/// Life of a slot.
enum SlotState {
  static let free: UInt8 = 0
  static let live: UInt8 = 1
  /// Removed, but perhaps still linked.
  static let removed: UInt8 = 2
  /// Being linked.
  static let joining: UInt8 = 3
  /// Holds what an update replaced: seen only by searches that began before the update, for which it stays in the graph.
  static let superseded: UInt8 = 4
  /// Holds what an update brought: seen only by searches that began after it, until all others have ended.
  static let arriving: UInt8 = 5
  /// Superseded, and to leave the graph like a removed one.
  static let outgoing: UInt8 = 6
}

extension Storage {
  func state(_ slot: UInt32) -> UInt8 {
    assert(slot < capacity)
    return cvk_load_byte(states + Int(slot))
  }

  func setState(_ slot: UInt32, _ state: UInt8) {
    assert(slot < capacity)
    cvk_store_byte(states + Int(slot), state)
  }

  /// Whether the slot holds the present vector of a key.
  func isCurrent(_ slot: UInt32) -> Bool {
    let state = state(slot)
    return state == SlotState.live || state == SlotState.arriving
  }

  /// Whether nothing new may link to a slot in this state.
  func isLeaving(_ state: UInt8) -> Bool {
    state == SlotState.removed || state == SlotState.superseded || state == SlotState.outgoing
  }

  /// Whether the slot is to leave the graph.
  func isGone(_ slot: UInt32) -> Bool {
    let state = state(slot)
    return state == SlotState.removed || state == SlotState.outgoing
  }

  /// Whether a search that began at a version may report the slot.
  @inline(__always)
  func isVisible(_ slot: UInt32, at version: UInt64) -> Bool {
    let state = state(slot)
    return state == SlotState.live || (state >= SlotState.superseded && isSpanned(slot, version))
  }

  @inline(never)
  private func isSpanned(_ slot: UInt32, _ version: UInt64) -> Bool {
    // Without a span, the update is history to every search still under way.
    versions.contains(slot, version) ?? (state(slot) == SlotState.live)
  }
}

/// Which searches see the old and which the new vector of a key that is being updated.
///
/// A search notes the version at its start. An update first gives both slots their spans and then raises the version, so
/// every search sees exactly one of the two.
final class Versions: Sendable {
  let current = Atomic<UInt64>(0)
  private let spans = Guarded<[UInt32: Range<UInt64>]>([:])

  /// Whether a slot is seen at a version; `nil` if it has no span.
  func contains(_ slot: UInt32, _ version: UInt64) -> Bool? { spans.withLock { $0[slot]?.contains(version) } }

  /// Ends the span of one slot and begins that of another with the next version, which it returns.
  func prepare(old: UInt32, new: UInt32) -> UInt64 {
    let next = current.load(ordering: .relaxed) + 1
    spans.withLock {
      $0[old] = ($0[old]?.lowerBound ?? 0)..<next
      $0[new] = next..<UInt64.max
    }
    return next
  }

  var isEmpty: Bool { spans.withLock { $0.isEmpty } }

  func forget(_ slot: UInt32) { spans.withLock { _ = $0.removeValue(forKey: slot) } }
}
