internal import Synchronization

/// The graph without one of its nodes: lists of the lowest level as its removal would leave them.
///
/// Unchecked sendable since nothing changes after the index has made it.
final class Absence: @unchecked Sendable {
  let slot: UInt32
  private let width: Int
  private let words: UnsafeMutablePointer<UInt32>
  private var places: [UInt32: Int] = [:]

  fileprivate init(of slot: UInt32, lists: Int, width: Int) {
    self.slot = slot
    self.width = width
    words = .allocate(capacity: max(1, lists * width))
    words.initialize(repeating: Link.empty, count: lists * width)
  }

  deinit { words.deallocate() }

  fileprivate func list(for slot: UInt32, at place: Int) -> LinkList {
    places[slot] = place
    return LinkList(words: words + place * width, width: width)
  }

  /// The links of a slot, where they are others than usual.
  func list(_ slot: UInt32) -> UnsafeMutablePointer<UInt32>? { places[slot].map { words + $0 * width } }
}

extension HNSWIndex {
  /// The graph without each of some nodes, by slot.
  ///
  /// A node's neighbours are left out of other lists because it is closer to them: hiding the node alone would leave them
  /// harder to reach than they were without it. So every list that has it is chosen anew, with the node's own links.
  /// - Complexity: O(n), and O(1) for each link to one of the nodes.
  func absences(of slots: [UInt32]) -> [UInt32: Absence] {
    readers.read { _ in
      let limit = UInt32(slotCount.load(ordering: .acquiring))
      var isAbsent = [Bool](repeating: false, count: Int(limit))
      for slot in slots where slot < limit { isAbsent[Int(slot)] = true }
      var linking: [UInt32: [UInt32]] = [:]
      for slot in 0..<limit where storage.isCurrent(slot) {
        let list = storage.links(slot, level: 0)
        for i in 0..<list.width {
          let target = Link.slot(list[i])
          if target < limit, isAbsent[Int(target)] { linking[target, default: []].append(slot) }
        }
      }
      let worker = BuildWorker(storage)
      worker.context.begin(limit: Int(limit))
      var absences: [UInt32: Absence] = [:]
      for (slot, sources) in linking {
        let absence = Absence(of: slot, lists: sources.count, width: storage.baseDegree)
        for (place, source) in sources.enumerated() {
          let list = absence.list(for: source, at: place)
          for (i, link) in worker.links(of: source, without: slot).enumerated() { list[i] = link }
        }
        absences[slot] = absence
      }
      return absences
    }
  }
}
