/// A command line that cannot be understood, in one sentence with the remedy.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and the remedy.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}

/// Finds the word that somebody meant.
public enum Suggestion {
  /// The candidate nearest to `word` by edit distance, or `nil` when none is near.
  ///
  /// - Complexity: O(*c* · *n* · *m*) for *c* candidates of length *m* and a word of length *n*.
  public static func nearest(to word: String, among candidates: [String]) -> String? {
    let scored = candidates.map { (candidate: $0, distance: editDistance(word, $0)) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, word.count / 3) ? best.candidate : nil
  }

  /// The Levenshtein distance of two words.
  static func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substituted = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
