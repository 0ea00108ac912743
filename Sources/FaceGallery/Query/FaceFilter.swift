/// A set of faces: a bit for each number given out.
struct FaceFilter: Sendable {
  private var words: [UInt64]
  private(set) var count = 0

  init(lastFace: UInt64) { words = Array(repeating: 0, count: Int(lastFace >> 6) + 1) }

  func contains(_ face: UInt64) -> Bool {
    let word = Int(truncatingIfNeeded: face >> 6)
    return word < words.count && words[word] & (1 << (face & 63)) != 0
  }

  /// - Precondition: The number was given out.
  mutating func insert(_ face: UInt64) {
    if contains(face) { return }
    words[Int(face >> 6)] |= 1 << (face & 63)
    count += 1
  }

  func intersection(_ other: FaceFilter) -> FaceFilter {
    var result = self
    result.count = 0
    for index in words.indices {
      result.words[index] &= index < other.words.count ? other.words[index] : 0
      result.count += result.words[index].nonzeroBitCount
    }
    return result
  }
}
