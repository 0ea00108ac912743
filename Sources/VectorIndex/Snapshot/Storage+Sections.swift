/// An array of the storage as a part of a snapshot.
struct StorageSection {
  let kind: SnapshotHeader.Kind
  let start: UnsafeMutableRawPointer
  let bytes: Int
}

extension Storage {
  /// The arrays in file order, with the bytes that this many slots and upper lists fill.
  func sections(slotCount n: Int, upperCount: Int) -> [StorageSection] {
    let codes = space.usesCodes
    let terms = codes && space.metric != .cosine
    let centered =
      center.isSet
      ? [StorageSection(kind: .center, start: center.values, bytes: (space.stride + 1) * 4)] : []
    return centered + [
      StorageSection(kind: .keys, start: keys, bytes: n * 8),
      StorageSection(kind: .levels, start: levels, bytes: n),
      StorageSection(kind: .states, start: states, bytes: n),
      StorageSection(kind: .upperIndex, start: upperIndex, bytes: n * 4),
      StorageSection(kind: .upperLinks, start: upper, bytes: upperCount * degree * 4),
      StorageSection(kind: .baseLinks, start: base, bytes: n * baseDegree * 4),
      StorageSection(kind: .residuals, start: residuals, bytes: codes ? n * 4 : 0),
      StorageSection(
        kind: .terms, start: self.terms, bytes: terms ? n * MemoryLayout<CodeTerms>.stride : 0),
      StorageSection(kind: .codes, start: self.codes, bytes: n * space.codeBytes),
      StorageSection(kind: .vectors, start: vectors, bytes: n * space.stride * 4),
    ]
  }
}
