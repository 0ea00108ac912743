import FaceEngine

/// Open-set identification: a gallery of people with one face each, asked about another face of each of them
/// and about strangers.
struct Identification {
  let people: Int
  let threshold: Float
  /// The share of enrolled people whose nearest face is their own.
  let rankOne: Double
  /// The share of enrolled people who are not named, or named as somebody else.
  let falseNegativeRate: Double
  /// The share of strangers who are named.
  let falsePositiveRate: Double

  init?(people count: Int, faces: Faces, point: OperatingPoint) {
    let groups = faces.facesByPerson
    let enrolled = groups.filter { $0.count >= 2 }.spread(count)
    guard enrolled.count == count else { return nil }
    let strangers = groups.filter { $0.count == 1 }.map { $0[0] }
    let gallery = enrolled.map { $0[0] }
    let threshold = point.threshold(people: count)
    func best(_ probe: Int) -> (place: Int, similarity: Float) {
      var best = (place: 0, similarity: -Float.infinity)
      for (place, face) in gallery.enumerated() {
        let similarity = faces.similarity(probe, face)
        if similarity > best.similarity { best = (place, similarity) }
      }
      return best
    }
    let answers = enrolled.enumerated().map { place, group in
      let answer = best(group[1])
      return (isRight: answer.place == place, isNamed: answer.similarity >= threshold)
    }
    people = count
    self.threshold = threshold
    rankOne = Double(answers.count { $0.isRight }) / Double(count)
    falseNegativeRate = Double(answers.count { !($0.isRight && $0.isNamed) }) / Double(count)
    falsePositiveRate = Double(strangers.count { best($0).similarity >= threshold }) / Double(strangers.count)
  }
}

extension Array {
  /// So many elements, evenly spread over the array; fewer when there are fewer.
  fileprivate func spread(_ wanted: Int) -> [Element] {
    if wanted >= count { return self }
    return (0..<wanted).map { self[$0 * count / wanted] }
  }
}
