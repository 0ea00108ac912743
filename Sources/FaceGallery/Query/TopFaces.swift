/// The best faces seen so far; with grouping, the best face of each of the best people.
struct TopFaces {
  /// A face with its similarity to the query.
  struct Entry {
    let face: UInt64
    let person: UInt64
    let similarity: Float
  }

  private let limit: Int
  private let isGrouping: Bool
  /// Best first; equal similarities by face.
  private(set) var entries: [Entry] = []

  init(limit: Int, isGrouping: Bool) {
    self.limit = limit
    self.isGrouping = isGrouping
  }

  var isFull: Bool { entries.count >= limit }

  /// Whether a face of this similarity might be taken.
  func mightTake(_ similarity: Float) -> Bool {
    guard isFull, let worst = entries.last else { return true }
    return similarity >= worst.similarity
  }

  /// Takes a face if it is among the best; the same face may be offered again.
  ///
  /// - Complexity: O(*limit*).
  mutating func offer(_ entry: Entry) {
    if let there = entries.firstIndex(where: {
      isGrouping ? $0.person == entry.person : $0.face == entry.face
    }) {
      guard isBetter(entry, entries[there]) else { return }
      entries.remove(at: there)
    }
    let place = entries.firstIndex { isBetter(entry, $0) } ?? entries.endIndex
    guard place < limit else { return }
    entries.insert(entry, at: place)
    if entries.count > limit { entries.removeLast() }
  }

  private func isBetter(_ a: Entry, _ b: Entry) -> Bool {
    a.similarity != b.similarity ? a.similarity > b.similarity : a.face < b.face
  }
}
