import Glibc
import TestSupport

@testable import VectorIndex

/// Seeded vectors and reference answers.
struct Samples {
  var random: SplitMix

  init(seed: UInt64) { random = SplitMix(seed: seed) }

  mutating func gaussian() -> Float {
    var sum: Float = 0
    for _ in 0..<12 { sum += Float.random(in: 0..<1, using: &random) }
    return sum - 6
  }

  mutating func vector(_ dimension: Int) -> [Float] { (0..<dimension).map { _ in gaussian() } }

  mutating func rows(_ n: Int, _ dimension: Int) -> [Float] { (0..<n * dimension).map { _ in gaussian() } }

  mutating func near(_ vector: [Float], spread: Float) -> [Float] { vector.map { $0 + spread * gaussian() } }

  /// People with several photos each.
  mutating func faces(people: Int, photos: Int, dimension: Int, spread: Float = 0.5) -> [Float] {
    var rows: [Float] = []
    for _ in 0..<people {
      let person = vector(dimension)
      for _ in 0..<photos { rows += near(person, spread: spread) }
    }
    return rows
  }
}

/// A score computed in double precision, the plain way.
func referenceScore(_ metric: Metric, _ a: [Float], _ b: [Float]) -> Double {
  var dot = 0.0
  var aa = 0.0
  var bb = 0.0
  var distance = 0.0
  for (x, y) in zip(a, b) {
    dot += Double(x) * Double(y)
    aa += Double(x) * Double(x)
    bb += Double(y) * Double(y)
    distance += (Double(x) - Double(y)) * (Double(x) - Double(y))
  }
  switch metric {
  case .cosine: return dot / (aa * bb).squareRoot()
  case .innerProduct: return dot
  case .squaredDistance: return distance
  }
}

/// The best scores there are, best first.
func referenceScores(_ metric: Metric, _ rows: [UInt64: [Float]], _ query: [Float], k: Int) -> [Double] {
  let scores = rows.values.map { referenceScore(metric, $0, query) }
  return Array((metric == .squaredDistance ? scores.sorted() : scores.sorted(by: >)).prefix(k))
}

func makeIndex(
  _ dimension: Int, metric: Metric = .cosine, M: Int = 16, efConstruction: Int = 100, seed: UInt64 = 0,
  maximumCount: Int = 1 << 18
) throws(IndexError) -> HNSWIndex {
  try HNSWIndex(
    .init(
      dimension: dimension, metric: metric, M: M, efConstruction: efConstruction, seed: seed,
      maximumCount: maximumCount))
}

extension TemporaryFolder {
  func file(_ name: String) -> String { path + "/" + name }
}

func readFile(_ path: String) throws(IndexError) -> [UInt8] {
  let file = try File(path, O_RDONLY, operation: "open")
  let size = try file.size()
  let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 64)
  defer { buffer.deallocate() }
  try file.read(into: buffer, bytes: size, at: 0)
  return Array(UnsafeRawBufferPointer(start: buffer, count: size))
}

/// Writes a new file in place of an old one, which an index may still have mapped.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(IndexError) {
  unlink(path)
  let file = try File(path, O_WRONLY | O_CREAT | O_TRUNC, operation: "create")
  try file.write(bytes, bytes: bytes.count)
}
