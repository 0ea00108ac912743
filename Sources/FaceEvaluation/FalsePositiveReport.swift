public import FaceEngine
internal import Foundation
internal import Support

/// How many strangers are named by default in galleries of several sizes, beside how many are expected.
public struct FalsePositiveReport: Sendable, Codable, Hashable {
  /// A gallery's size.
  public struct Size: Sendable, Codable, Hashable {
    /// People enrolled, with one face each.
    public let people: Int
    /// The default threshold for so many.
    public let threshold: Float
    /// The expected share of strangers who are named: 1 − (1 − FMR)^N.
    public let expected: Double
    /// The share that was, over all draws.
    public let measured: Double
    /// Strangers asked about, over all draws.
    public let strangers: Int
  }

  /// The sizes, smaller ones first.
  public let sizes: [Size]

  /// Draws galleries from the first face of each person, twenty of a size; everybody else is a stranger.
  public init(_ faces: FaceSet, point: OperatingPoint) {
    let firsts = faces.facesByPerson.compactMap(\.first)
    let count = firsts.count
    let all = faces.similarities(firsts, to: firsts)
    sizes = [10, 30, 100, 300, 1_000, 3_000, 5_000].filter { $0 < count }.map { people in
      let threshold = point.threshold(faces: people)
      var (named, asked) = (0, 0)
      for draw in 0..<20 {
        var generator = SplitMix64(UInt64(draw))
        let order = (0..<count).shuffled(using: &generator)
        let gallery = order.prefix(people)
        // Of small galleries there are strangers in plenty.
        for stranger in order.dropFirst(people).prefix(4_000) {
          asked += 1
          if gallery.contains(where: { all[stranger * count + $0] >= threshold }) { named += 1 }
        }
      }
      let rate = point.falseMatchRate(threshold: threshold)
      return Size(
        people: people, threshold: threshold, expected: -expm1(Double(people) * log1p(-rate)),
        measured: Double(named) / Double(asked), strangers: asked)
    }
  }
}
