public import FaceEngine

/// Which rule judges people better who have several faces enrolled: by the most similar face, or by the mean of the few
/// most similar ones.
public struct PersonRuleReport: Sendable, Codable {
  /// How one rule does.
  public struct Rule: Sendable, Codable, Hashable {
    /// Faces whose mean is compared; 1 is the most similar face alone.
    public let faces: Int
    /// The share of probes whose person is the nearest.
    public let rankOne: Double
    /// FNIR at FPIR 1 % and 0.1 %, thresholds taken from the strangers.
    public let atFalsePositiveRates: [IdentificationReport.OpenSetPoint]
    /// The same at the threshold of the operating point for as many faces as are enrolled.
    public let byDefault: IdentificationReport.OpenSetPoint
  }

  /// Faces enrolled of each person.
  public let enrolled: Int
  /// People enrolled.
  public let people: Int
  /// Other faces of theirs that were asked about, up to ten of each.
  public let probes: Int
  /// Strangers asked about.
  public let strangers: Int
  /// The rules, those of fewer faces first.
  public let rules: [Rule]

  /// Enrols the first faces of everybody who has more; nil when nobody has, or there are no strangers.
  public init?(enrolled: Int, faces: FaceSet, point: OperatingPoint) {
    let known = faces.facesByPerson.filter { $0.count > enrolled }
    let strangers = faces.facesByPerson.filter { $0.count == 1 }.map { $0[0] }
    guard enrolled > 0, !known.isEmpty, !strangers.isEmpty else { return nil }
    let probes = known.enumerated().flatMap { person, own in
      own[enrolled..<min(own.count, enrolled + 10)].map { (person: person, face: $0) }
    }
    let gallery = known.flatMap { $0.prefix(enrolled) }
    let own = known.map { group in
      faces.similarities(Array(group.prefix(enrolled)), to: Array(group.prefix(enrolled)))
    }
    self.enrolled = enrolled
    (people, self.probes, self.strangers) = (known.count, probes.count, strangers.count)
    func nearest(_ rows: [Int], _ count: Int) -> [(person: Int, similarity: Float)] {
      stride(from: 0, to: rows.count, by: 256).flatMap { start in
        let block = Array(rows[start..<min(start + 256, rows.count)])
        let similarities = faces.similarities(block, to: gallery)
        return block.indices.map { row in
          var best: (person: Int, similarity: Float) = (0, -.infinity)
          for person in own.indices {
            let first = row * gallery.count + person * enrolled
            let score = Self.score(similarities[first..<first + enrolled], own[person], count)
            if score > best.similarity { best = (person, score) }
          }
          return best
        }
      }
    }
    rules = [1, 3, 5].map { count in
      let found = nearest(probes.map(\.face), count)
      let foreign = nearest(strangers, count).map(\.similarity).sorted(by: >)
      func judged(_ threshold: Float) -> IdentificationReport.OpenSetPoint {
        let missed = zip(found, probes).count { $0.person != $1.person || $0.similarity < threshold }
        return IdentificationReport.OpenSetPoint(
          falsePositiveRate: Double(foreign.prefix { $0 >= threshold }.count) / Double(foreign.count),
          threshold: threshold, falseNegativeRate: Double(missed) / Double(probes.count))
      }
      return Rule(
        faces: count,
        rankOne: Double(zip(found, probes).count { $0.person == $1.person }) / Double(probes.count),
        atFalsePositiveRates: IdentificationReport.falsePositiveRates.map { rate in
          judged(foreign[min(Int(rate * Double(foreign.count)), foreign.count - 1)].nextUp)
        },
        byDefault: judged(
          max(
            point.threshold(faces: gallery.count), point.floor(faces: min(count, enrolled)) ?? -1)))
    }
  }

  /// The similarity to the mean, at unit length, of the `count` most similar faces of a person.
  ///
  /// - Parameter own: The similarities of the person's faces to each other, row by row.
  static func score(_ similarities: ArraySlice<Float>, _ own: [Float], _ count: Int) -> Float {
    let width = similarities.count
    let all = Array(similarities)
    if count == 1 { return all.max() ?? -1 }
    let best = all.indices.sorted { all[$0] > all[$1] }.prefix(count)
    var squares: Float = 0
    for a in best { for b in best { squares += own[a * width + b] } }
    return best.reduce(0) { $0 + all[$1] } / max(squares, 1e-6).squareRoot()
  }
}
