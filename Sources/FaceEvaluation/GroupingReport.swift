public import FaceEngine
internal import Foundation
internal import GraphClustering
internal import Support

/// How well faces without a name are grouped, by how often a stranger may be among a face's neighbours.
///
/// Galleries of several sizes, each of people drawn by chance with all their faces, are grouped as `Gallery.cluster` does it, and the
/// groups compared with the people.
public struct GroupingReport: Sendable, Codable, Hashable {
  /// How well groups are people.
  public struct Figures: Sendable, Codable, Hashable {
    /// The share of a face's group that is of its own person, in the mean over all faces: B-cubed precision
    /// (Bagga and Baldwin, "Algorithms for Scoring Coreference Chains", 1998).
    public let precision: Double
    /// The share of its person's faces that are in a face's group, in the mean over all faces: B-cubed recall.
    public let recall: Double
    /// The harmonic mean of both.
    public let f: Double
    /// The share of the groups of two faces or more that hold one person only; 1 where there is no such group.
    public let pureGroups: Double

    /// Compares groups with people.
    ///
    /// - Parameters:
    ///   - labels: A label for each face; those of one group have the same. At least one face.
    ///   - people: The person of each face.
    init(labels: [Int32], people: [Int]) {
      var together: [SIMD2<Int>: Int] = [:]
      var groups: [Int: Int] = [:]
      var persons: [Int: Int] = [:]
      for (label, person) in zip(labels, people) {
        together[SIMD2(Int(label), person), default: 0] += 1
        groups[Int(label), default: 0] += 1
        persons[person, default: 0] += 1
      }
      var (precise, recalled) = (0.0, 0.0)
      var mixed: Set<Int> = []
      for (key, count) in together {
        let (group, person) = (groups[key.x] ?? count, persons[key.y] ?? count)
        precise += Double(count * count) / Double(group)
        recalled += Double(count * count) / Double(person)
        if count < group { mixed.insert(key.x) }
      }
      let several = groups.values.count { $0 >= 2 }
      self.init(
        precision: precise / Double(labels.count), recall: recalled / Double(labels.count),
        pureGroups: several == 0 ? 1 : 1 - Double(mixed.count) / Double(several))
    }

    /// The means of several.
    init(mean all: [Figures]) {
      func mean(_ value: KeyPath<Figures, Double>) -> Double {
        all.reduce(0) { $0 + $1[keyPath: value] } / Double(all.count)
      }
      self.init(precision: mean(\.precision), recall: mean(\.recall), pureGroups: mean(\.pureGroups))
    }

    private init(precision: Double, recall: Double, pureGroups: Double) {
      (self.precision, self.recall, self.pureGroups) = (precision, recall, pureGroups)
      f = 2 * precision * recall / max(precision + recall, .leastNormalMagnitude)
    }
  }

  /// Galleries of about one size.
  public struct Size: Sendable, Codable, Hashable {
    /// Faces of a gallery, in the mean over the draws.
    public let faces: Int
    /// How many galleries were drawn.
    public let draws: Int
    /// The similarity from which two faces are neighbours, in the mean over the draws.
    public let threshold: Float
    /// The means over the draws.
    public let figures: Figures
  }

  /// What follows when this share of the faces may have a stranger among their neighbours.
  public struct Rate: Sendable, Codable, Hashable {
    /// The share.
    public let falseNeighborRate: Double
    /// The means over the sizes.
    public let figures: Figures
    /// The sizes, smaller ones first.
    public let sizes: [Size]
  }

  /// The rates, greater ones first.
  public let rates: [Rate]
  /// The rate of the greatest F, of those with a precision of at least ``leastPrecision`` at every size; of all where none has it.
  public let best: Rate

  /// The B-cubed precision that groups should have.
  public static let leastPrecision = 0.98

  /// Fewer faces than in the smallest gallery are too few to measure by.
  static let sizes = [200, 500, 1_500, 5_000]
  /// With how many others a face is compared: as by default in a gallery.
  private static let neighbors = 20

  /// Draws galleries of 200, 500, 1,500 and 5,000 faces, twenty of the small and two of the large ones, and takes all faces; nil when
  /// there are fewer than 200 of them.
  public init?(_ faces: FaceSet, point: OperatingPoint) {
    let people = faces.facesByPerson
    let count = faces.people.count
    guard point.isCalibrated, let least = Self.sizes.first, count >= least else { return nil }
    let drawn = (Self.sizes.filter { $0 < count } + [count]).map { size in
      (0..<(size < count ? min(20, 10_000 / size) : 1)).map { draw in
        let gallery = Self.draw(size, of: people, seed: UInt64(draw))
        return (gallery, faces.nearest(Self.neighbors, of: gallery))
      }
    }
    rates = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].map { rate in
      let sizes = drawn.map { draws in
        var (figures, threshold): ([Figures], Float) = ([], 0)
        for (gallery, edges) in draws {
          let least = point.threshold(
            faces: gallery.count, falsePositiveIdentificationRate: rate)
          let graph = NeighborGraph(count: gallery.count, edges: edges.filter { $0.weight >= least })
          figures.append(
            Figures(labels: ChineseWhispers(graph).labels(), people: gallery.map { faces.people[$0] }))
          threshold += least / Float(draws.count)
        }
        return Size(
          faces: draws.reduce(0) { $0 + $1.0.count } / draws.count, draws: draws.count,
          threshold: threshold, figures: Figures(mean: figures))
      }
      return Rate(falseNeighborRate: rate, figures: Figures(mean: sizes.map(\.figures)), sizes: sizes)
    }
    let precise = rates.filter { $0.sizes.allSatisfy { $0.figures.precision >= Self.leastPrecision } }
    guard let best = (precise.isEmpty ? rates : precise).max(by: { $0.figures.f < $1.figures.f }) else {
      return nil
    }
    self.best = best
  }

  /// All faces of people in random order, until there are so many.
  private static func draw(_ size: Int, of people: [[Int]], seed: UInt64) -> [Int] {
    var generator = SplitMix64(seed)
    var gallery: [Int] = []
    for person in people.shuffled(using: &generator) {
      if gallery.count >= size { break }
      gallery += person
    }
    return gallery
  }
}

extension FaceSet {
  /// The edges from each of some faces, numbered as they are listed, to those of them that are most similar to it.
  ///
  /// - Complexity: O(*n*²) for *n* faces.
  func nearest(_ count: Int, of faces: [Int]) -> [(a: Int32, b: Int32, weight: Float)] {
    var edges: [(a: Int32, b: Int32, weight: Float)] = []
    edges.reserveCapacity(faces.count * count)
    for start in stride(from: 0, to: faces.count, by: 256) {
      let rows = Array(faces[start..<min(start + 256, faces.count)])
      let block = similarities(rows, to: faces)
      for row in rows.indices {
        let own = start + row
        // The best so far, rising: most faces fail the first comparison.
        var best: [(place: Int, similarity: Float)] = []
        for place in faces.indices where place != own {
          let similarity = block[row * faces.count + place]
          if best.count == count, similarity <= best[0].similarity { continue }
          if best.count == count { best.removeFirst() }
          let at = best.firstIndex { $0.similarity >= similarity } ?? best.endIndex
          best.insert((place, similarity), at: at)
        }
        edges += best.map { (Int32(own), Int32($0.place), $0.similarity) }
      }
    }
    return edges
  }
}
