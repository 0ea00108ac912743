public import FaceEngine

/// Identification in a gallery of people with one face each, asked about another face of each of them (closed set)
/// and about strangers (open set).
public struct IdentificationReport: Sendable, Codable {
  /// What a false positive identification rate costs.
  public struct OpenSetPoint: Sendable, Codable, Hashable {
    /// The share of strangers that are named at the threshold, 0…1.
    public let falsePositiveRate: Double
    /// The least similarity that is named.
    public let threshold: Float
    /// The share of enrolled people who are not named, or named as somebody else.
    public let falseNegativeRate: Double
  }

  /// The rates of strangers named that reports give the price of.
  public static let falsePositiveRates = [0.01, 0.001]

  /// People enrolled.
  public let people: Int
  /// Strangers asked about.
  public let strangers: Int
  /// The share of enrolled people who are among the nearest 1, 2, … 20.
  public let cumulativeMatch: [Double]
  /// FNIR at FPIR 1 % and 0.1 %, thresholds taken from these strangers.
  public let atFalsePositiveRates: [OpenSetPoint]
  /// The same by the default rule of the operating point, whose aim is FPIR 1 %.
  public let byDefault: OpenSetPoint

  /// Asks a gallery of so many people; nil when fewer have two photos with a face or there are no strangers.
  public init?(people count: Int, faces: FaceSet, point: OperatingPoint) {
    let groups = faces.facesByPerson
    let several = groups.filter { $0.count >= 2 }
    guard count > 0, several.count >= count else { return nil }
    let enrolled = (0..<count).map { several[$0 * several.count / count] }
    let others = groups.filter { $0.count == 1 }.map { $0[0] }
    guard !others.isEmpty else { return nil }
    let gallery = enrolled.map { $0[0] }
    let own = faces.similarities(enrolled.map { $0[1] }, to: gallery)
    let ranks = (0..<count).map { place -> Int in
      let row = own[place * count..<(place + 1) * count]
      return row.count { $0 > own[place * count + place] }
    }
    let foreign = faces.similarities(others, to: gallery)
    let best = others.indices.map { foreign[$0 * count..<($0 + 1) * count].max() ?? -1 }.sorted(by: >)
    func misses(_ threshold: Float) -> Double {
      Double((0..<count).count { ranks[$0] > 0 || own[$0 * count + $0] < threshold }) / Double(count)
    }
    func named(_ threshold: Float) -> Double {
      Double(best.prefix { $0 >= threshold }.count) / Double(best.count)
    }
    func judged(_ threshold: Float) -> OpenSetPoint {
      OpenSetPoint(
        falsePositiveRate: named(threshold), threshold: threshold, falseNegativeRate: misses(threshold))
    }
    people = count
    strangers = others.count
    cumulativeMatch = (0..<min(20, count)).map { rank in
      Double(ranks.count { $0 <= rank }) / Double(count)
    }
    atFalsePositiveRates = Self.falsePositiveRates.map { rate in
      judged(best[min(Int(rate * Double(best.count)), best.count - 1)].nextUp)
    }
    byDefault = judged(point.threshold(faces: count))
  }
}
