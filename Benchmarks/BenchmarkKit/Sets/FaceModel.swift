import COpenBLAS
import Foundation

/// The centres of identities, and images scattered about them.
struct FaceModel: Sendable {
  private let dimension: Int
  private let seed: UInt64
  private let pairCosine: Float
  private let deviation: Float
  /// Identity centres in the basis of the spectrum, unit rows.
  private let centers: [Float]
  /// Standard deviation of the image noise along each axis of that basis.
  private let noise: [Float]
  /// The orthonormal basis in which vectors are handed out.
  private let rotation: [Float]

  init(identities: Int, dimension: Int, pairCosine: Double, deviation: Double, seed: UInt64) {
    self.dimension = dimension
    self.seed = seed
    self.pairCosine = Float(pairCosine)
    self.deviation = Float(deviation)
    let variance = (0..<dimension).map { axis in
      axis < 40 ? pow(1 + Double(axis), -0.7) : pow(40, -0.7) * pow(0.85, Double(axis) - 39)
    }
    let mean = variance.reduce(0, +) / Double(dimension)
    noise = variance.map { Float((0.5 * $0 / mean + 0.5).squareRoot()) }
    let spread = variance.map { Float($0.squareRoot()) }

    var random = SeededRandom(seed: seed, stream: 1)
    rotation = Self.rotation(dimension, &random)
    var populations: [Float] = []
    for _ in 0..<16 {
      for axis in 0..<dimension { populations.append(0.5 * random.normal() * spread[axis]) }
    }
    centers = filledRows(identities, dimension, seed: seed, stream: 4 << 32) {
      [populations] rows, _, random in
      for start in stride(from: 0, to: rows.count, by: dimension) {
        let population = Int(random.next() >> 60) * dimension
        for axis in 0..<dimension {
          rows[start + axis] = populations[population + axis] + random.normal() * spread[axis]
        }
      }
      normalizeRows(rows, dimension)
    }
  }

  /// One new image of each identity in the list.
  func images(of identities: [Int32], stream: UInt64) -> VectorSet {
    let dimension = dimension
    let values = filledRows(identities.count, dimension, seed: seed, stream: stream) { rows, first, random in
      var image = [Float](repeating: 0, count: rows.count)
      image.withUnsafeMutableBufferPointer { image in
        for start in stride(from: 0, to: rows.count, by: dimension) {
          for axis in 0..<dimension { image[start + axis] = random.normal() * noise[axis] }
        }
        normalizeRows(image, dimension)
        for start in stride(from: 0, to: rows.count, by: dimension) {
          // Two images of strengths s and t have an expected cosine of 1 / √((1 + s²)(1 + t²)).
          let cosine = min(max(pairCosine + deviation * random.normal(), 0.30), 0.97)
          let strength = (1 / cosine - 1).squareRoot()
          let center = Int(identities[first + start / dimension]) * dimension
          for axis in 0..<dimension {
            image[start + axis] = centers[center + axis] + strength * image[start + axis]
          }
        }
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows.count / dimension), Int32(dimension),
          Int32(dimension), 1, image.baseAddress, Int32(dimension), rotation, Int32(dimension), 0,
          rows.baseAddress, Int32(dimension))
      }
      normalizeRows(rows, dimension)
    }
    return VectorSet(dimension: dimension, values: values)
  }

  /// A random orthonormal matrix, by Gram and Schmidt.
  private static func rotation(_ dimension: Int, _ random: inout SeededRandom) -> [Float] {
    var rows: [[Double]] = []
    while rows.count < dimension {
      var row = (0..<dimension).map { _ in Double(random.normal()) }
      // Twice is enough (Kahan and Parlett) for orthogonality to machine precision.
      for _ in 0..<2 {
        for other in rows {
          let dot = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
          for axis in row.indices { row[axis] -= dot * other[axis] }
        }
      }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(row.map { $0 / length })
    }
    return rows.flatMap { $0.map(Float.init) }
  }
}
