internal import GalleryStore

extension Answer {
  /// Answers about the faces of one photo, on which nobody is twice: of several faces that are known as one person the one that is most
  /// like the person keeps the name, and the others become ambiguous (``betterFace``).
  ///
  /// The faces share the name's odds: each is as likely the person as by itself, but for one of the others being so. The verdict is still
  /// known exactly where the best candidate's probability is at least ½.
  ///
  /// - Parameter answers: An answer a face, in any order; equally similar faces rank by it.
  /// - Returns: The answers, in the same order.
  public static func ofOnePhoto(_ answers: [Answer]) -> [Answer] {
    var places: [PersonID: [Int]] = [:]
    for (place, answer) in answers.enumerated() {
      if case .known(let match) = answer.verdict { places[match.person, default: []].append(place) }
    }
    var answers = answers
    for (person, places) in places where places.count > 1 {
      let odds = places.map { answers[$0].candidates.first.flatMap(Self.odds) }
      var best = places[0]
      for place in places
      where answers[place].candidates[0].similarity > answers[best].candidates[0].similarity {
        best = place
      }
      for (index, place) in places.enumerated() {
        let others = odds.indices.reduce(0) { $1 == index ? $0 : $0 + (odds[$1] ?? 0) }
        answers[place].share(person, with: others, keepsName: place == best)
        if place != best { answers[place].betterFace = best }
      }
    }
    return answers
  }

  /// Lowers the probabilities of a person's candidates: other faces are this person by these odds.
  private mutating func share(_ person: PersonID, with others: Double, keepsName: Bool) {
    for place in candidates.indices where candidates[place].person == person {
      guard let odds = Self.odds(candidates[place]) else { continue }
      let share = odds / (1 + odds + others)
      candidates[place].probability =
        !keepsName ? min(share, (0.5).nextDown) : place == 0 ? max(share, 0.5) : share
    }
  }

  /// The odds of a candidate; nil without a probability. Certainty is not had.
  private static func odds(_ match: Match) -> Double? {
    match.probability.map {
      let share = min($0, 1 - .ulpOfOne)
      return share / (1 - share)
    }
  }
}
