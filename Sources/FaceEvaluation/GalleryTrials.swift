internal import FaceEngine
internal import Support

/// Galleries of so many people with so many faces each, asked about another face of those who have one, and about strangers.
///
/// Both kinds of questions count equally, each half of all.
struct GalleryTrials {
  /// One question.
  struct Trial {
    /// The similarities to the most similar people, best first: as many as a query for five looks at.
    let best: [Float]
    /// The similarity to the person who is asked about; nil for a stranger.
    let own: Float?
    /// Whether the person is the best.
    let isRight: Bool
    /// Whether the person is among the best.
    let isListed: Bool
  }

  /// People enrolled.
  let people: Int
  /// Faces enrolled of each: their mean is compared.
  let faces: Int
  let trials: [Trial]

  /// So many people are judged together.
  private static let listed = 15
  /// So many strangers are asked about in all draws together, as far as there are.
  private static let strangers = 20_000

  /// How much a trial counts, for those of people of the gallery and for those of strangers.
  var weights: (known: Double, stranger: Double) {
    let known = trials.count { $0.own != nil }
    return (0.5 / Double(max(known, 1)), 0.5 / Double(max(trials.count - known, 1)))
  }

  /// Questions that were asked otherwise.
  init(people: Int, faces: Int, trials: [Trial]) {
    (self.people, self.faces, self.trials) = (people, faces, trials)
  }

  /// Draws galleries and asks them; nil when there are too few people.
  ///
  /// - Parameters:
  ///   - judged: The faces of the people who are asked about, in the gallery or as strangers. A fifth of them stays out of the gallery.
  ///   - others: The faces of people who fill the gallery when those are too few.
  init?(
    people count: Int, faces enrolled: Int, judged: [[Int]], others: [[Int]] = [], _ set: FaceSet,
    seed: UInt64
  ) {
    var generator = SplitMix64(seed)
    let room = judged.count * 4 / 5
    let several = judged.filter { $0.count > enrolled }
    let single = judged.filter { $0.count == enrolled }
    let fillers = others.filter { $0.count >= enrolled }
    let inside = min(count, room, several.count + single.count)
    guard several.count >= Self.fewest, inside > 0, count - inside <= fillers.count else { return nil }
    let known = min(several.count, inside)
    var trials: [Trial] = []
    // Some thousand questions of each kind; of small galleries there are draws in plenty.
    let draws = min(max(2_000 / known, 4), 100)
    for _ in 0..<draws {
      let order = several.shuffled(using: &generator)
      let more = single.shuffled(using: &generator)
      let gallery =
        order.prefix(known) + more.prefix(inside - known)
        + fillers.shuffled(using: &generator).prefix(count - inside)
      // Another one in each draw, so that no single photo, such as one of somebody else, is asked about again and again.
      let probes = order.prefix(known).map { own in
        own[enrolled + Int.random(in: 0..<min(own.count - enrolled, 10), using: &generator)]
      }
      let outside =
        order.dropFirst(known) + more.dropFirst(inside - known) + judged.filter { $0.count < enrolled }
      let foreign = outside.shuffled(using: &generator).prefix(Self.strangers / draws).map { $0[0] }
      guard !foreign.isEmpty else { return nil }
      let means = gallery.map { set.mean(Array($0.prefix(enrolled))) }
      for start in stride(from: 0, to: probes.count + foreign.count, by: 256) {
        let rows = Array((probes + foreign)[start..<min(start + 256, probes.count + foreign.count)])
        let similarities = set.similarities(rows, toVectors: means)
        for row in rows.indices {
          let values = similarities[row * count..<(row + 1) * count]
          let own = start + row < known ? start + row : nil
          trials.append(Self.trial(values, own: own))
        }
      }
    }
    (people, faces, self.trials) = (count, enrolled, trials)
  }

  /// Below so many people with another face chance decides.
  static let fewest = 50

  /// The largest gallery that can be drawn of these people alone.
  static func largest(_ people: [[Int]], faces: Int) -> Int {
    min(people.count * 4 / 5, people.count { $0.count >= faces })
  }

  private static func trial(_ values: ArraySlice<Float>, own: Int?) -> Trial {
    var best: [(place: Int, similarity: Float)] = []
    for (place, similarity) in values.enumerated() {
      guard best.count < listed || similarity > best[best.count - 1].similarity else { continue }
      if best.count == listed { best.removeLast() }
      let index = best.firstIndex { $0.similarity < similarity } ?? best.count
      best.insert((place, similarity), at: index)
    }
    return Trial(
      best: best.map(\.similarity), own: own.map { values[values.startIndex + $0] },
      isRight: own != nil && best.first?.place == own, isListed: best.contains { $0.place == own })
  }
}

extension FaceSet {
  /// Two halves of the people, by chance.
  func halves(seed: UInt64) -> ([[Int]], [[Int]]) {
    var generator = SplitMix64(seed)
    let people = facesByPerson.shuffled(using: &generator)
    return (Array(people[..<(people.count / 2)]), Array(people[(people.count / 2)...]))
  }
}
