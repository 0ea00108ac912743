internal import Synchronization

/// An array of the storage as a part of a snapshot.
struct StorageSection {
  let kind: SnapshotHeader.Kind
  let start: UnsafeMutableRawPointer
  let bytes: Int
  /// Bytes of a slot's entry; 0 where entries are not one a slot.
  var slotBytes = 0
}

extension Storage {
  /// The arrays in file order, with the bytes that this many slots and upper lists fill.
  func sections(slotCount n: Int, upperCount: Int) -> [StorageSection] {
    let centered =
      center.isSet
      ? [StorageSection(kind: .center, start: center.values, bytes: (space.stride + 1) * 4)] : []
    func bySlot(_ kind: SnapshotHeader.Kind, _ start: UnsafeMutableRawPointer, _ size: Int) -> StorageSection
    {
      StorageSection(kind: kind, start: start, bytes: n * size, slotBytes: size)
    }
    let twinned =
      hiddenCount.load(ordering: .relaxed) > 0
      ? [bySlot(.twins, twins, MemoryLayout<Twin>.stride)] : []
    return centered + twinned + [
      bySlot(.keys, keys, 8),
      bySlot(.levels, levels, 1),
      bySlot(.states, states, 1),
      bySlot(.upperIndex, upperIndex, 4),
      StorageSection(kind: .upperLinks, start: upper, bytes: upperCount * sizes.upper),
      bySlot(.baseLinks, base, sizes.base),
      bySlot(.residuals, residuals, sizes.residual),
      bySlot(.terms, terms, sizes.terms),
      bySlot(.codes, codes, sizes.code),
      bySlot(.vectors, vectors, sizes.vector),
    ]
  }
}
