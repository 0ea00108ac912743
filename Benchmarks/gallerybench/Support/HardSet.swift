import BenchmarkKit
import Foundation

/// Vectors that are hard for graphs or codes: copies, groups, ties, offsets, lengths apart.
struct HardSet {
  /// A kind of set, with the score that it is measured with.
  struct Kind {
    let name: String
    let score: Score
  }

  /// The kinds in the order of docs/index.md.
  static let kinds: [Kind] = [
    .init(name: "copies10", score: .cosine), .init(name: "copies200", score: .cosine),
    .init(name: "allsame", score: .cosine), .init(name: "onehot", score: .cosine),
    .init(name: "twohot", score: .l2), .init(name: "binary", score: .cosine),
    .init(name: "binary", score: .l2), .init(name: "sparse", score: .ip), .init(name: "norms12", score: .l2),
    .init(name: "norms12", score: .ip), .init(name: "norms2", score: .l2), .init(name: "pm100", score: .l2),
    .init(name: "pm100", score: .ip), .init(name: "outlier", score: .cosine),
    .init(name: "offset10", score: .l2), .init(name: "offset10", score: .ip),
    .init(name: "groups0.5", score: .cosine), .init(name: "groups0.3", score: .l2),
    .init(name: "groups0.1", score: .cosine), .init(name: "groups0.02", score: .cosine),
    .init(name: "large0.2", score: .cosine), .init(name: "drift", score: .cosine),
    .init(name: "wide0.1", score: .cosine), .init(name: "spread", score: .cosine),
  ]

  static let queryCount = 200
  let base: VectorSet
  let queries: VectorSet

  /// Makes the set of a name, the same every time.
  ///
  /// - Precondition: The name is that of a kind.
  init(_ name: String) {
    var source = Source()
    let (base, queries) = source.make(name)
    self.base = VectorSet(dimension: source.dimension, values: base.flatMap { $0 })
    self.queries = VectorSet(dimension: source.dimension, values: queries.flatMap { $0 })
  }

  /// Steele, Lea & Flood's SplitMix64, and what is made of it.
  private struct Source {
    private var state: UInt64 = 11
    var dimension = 128

    private mutating func word() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }

    private mutating func unit() -> Double { Double(word() >> 11) * 0x1p-53 }

    /// Nearly normal: the sum of twelve.
    private mutating func normal() -> Float {
      var sum = 0.0
      for _ in 0..<12 { sum += unit() }
      return Float(sum - 6)
    }

    private mutating func any() -> [Float] { (0..<dimension).map { _ in normal() } }

    private mutating func near(_ centre: [Float], _ noise: Float) -> [Float] {
      centre.map { $0 + noise * normal() }
    }

    private mutating func rows(_ n: Int, _ row: (inout Source, Int) -> [Float]) -> [[Float]] {
      (0..<n).map { row(&self, $0) }
    }

    /// As many queries as usual of the same kind as the base.
    private mutating func alike(_ n: Int, _ row: (inout Source, Int) -> [Float]) -> ([[Float]], [[Float]]) {
      let base = rows(n, row)
      return (base, rows(HardSet.queryCount, row))
    }

    private mutating func groups(_ n: Int, of size: Int, noise: Float) -> ([[Float]], [[Float]]) {
      let centres = rows(n / size) { source, _ in source.any() }
      let base = rows(n) { source, i in source.near(centres[i / size], noise) }
      return (base, rows(HardSet.queryCount) { source, i in source.near(centres[i % centres.count], noise) })
    }

    mutating func make(_ name: String) -> ([[Float]], [[Float]]) {
      let d = dimension
      if name.hasPrefix("groups") { return groups(20_000, of: 1000, noise: Float(name.dropFirst(6)) ?? 1) }
      if name.hasPrefix("large") { return groups(20_000, of: 5000, noise: Float(name.dropFirst(5)) ?? 1) }
      switch name {
      case "copies10":
        let copies = rows(10) { source, _ in source.any() }
        let base = rows(20_000) { source, i in i % 4 == 0 ? source.any() : copies[i / 4 % 10] }
        return (
          base,
          rows(HardSet.queryCount) { source, i in
            i % 2 == 0 ? source.near(copies[i % 10], 0.3) : source.any()
          }
        )
      case "copies200":
        let copies = rows(200) { source, _ in source.any() }
        let base = rows(20_000) { _, i in copies[i * 7919 % 20_000 / 100] }
        return (base, rows(HardSet.queryCount) { source, i in source.near(copies[i % 200], 0.5) })
      case "allsame":
        let copy = any()
        let base = rows(20_000) { source, i in i % 1000 == 999 ? source.any() : copy }
        return (
          base,
          rows(HardSet.queryCount) { source, i in i % 2 == 0 ? source.near(copy, 0.1) : source.any() }
        )
      case "onehot":
        let base = rows(20_000) { _, i in (0..<d).map { $0 == i % 128 ? 1 : 0 } }
        return (
          base,
          rows(HardSet.queryCount) { source, i in
            (0..<d).map { ($0 == i % 128 ? 1 : 0) + 0.05 * source.normal() }
          }
        )
      case "twohot":
        return alike(16_000) { source, _ in
          let (a, b) = (Int(source.word() % 128), Int(source.word() % 128))
          return (0..<d).map { $0 == a || $0 == b ? 1 : 0 }
        }
      case "binary":
        return alike(20_000) { source, _ in (0..<d).map { _ in Float(source.word() % 2) } }
      case "sparse":
        return alike(20_000) { source, _ in
          var row = [Float](repeating: 0, count: d)
          for _ in 0..<8 { row[Int(source.word() % 128)] = Float(source.unit()) }
          return row
        }
      case "norms12", "norms2":
        let decades = name == "norms2" ? 2.0 : 12
        return alike(20_000) { source, _ in
          let length = Float(pow(10, source.unit() * decades - decades / 2))
          return source.any().map { $0 * length }
        }
      case "pm100":
        return alike(20_000) { source, i in
          var row = source.any()
          row[17] = i % 2 == 0 ? 100 : -100
          return row
        }
      case "outlier":
        return alike(20_000) { source, _ in
          var row = source.any()
          row[17] = 30 + 5 * source.normal()
          row[40] *= 20
          row[90] = -50
          return row
        }
      case "offset10": return alike(20_000) { source, _ in source.any().map { $0 + 10 } }
      case "drift":
        let start = any()
        let base = rows(20_000) { source, i in
          i < 5000
            ? source.near(start, 0.3) : source.near(start.map { $0 * Float(20_000 - i) / 20_000 }, 0.6)
        }
        return (
          base,
          rows(HardSet.queryCount) { source, i in source.near(start.map { $0 * Float(i) / 200 }, 0.6) }
        )
      case "wide0.1":
        dimension = 768
        return groups(5000, of: 500, noise: 0.1)
      default:
        return alike(20_000) { source, _ in source.any() }
      }
    }
  }
}
