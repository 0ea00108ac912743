import COpenBLAS
import Dispatch
import Foundation

/// A set made by a recipe: base, queries and whose image each is.
public struct GeneratedSet: Sendable {
  /// The vectors to index.
  public let base: VectorSet
  /// The vectors to ask about: new images of identities in the base.
  public let queries: VectorSet
  /// The identity of each base vector; empty for sets without identities.
  public let identities: [Int32]
  /// The identity of each query.
  public let queryIdentities: [Int32]

  /// Generates a set: the same bits for the same recipe, on any number of threads.
  ///
  /// The model of faces, as `identity centre + image noise` on the unit sphere: centres come from 16
  /// populations, with 40 intrinsic dimensions of falling variance and a fast tail; noise is half like faces,
  /// half isotropic, its strength drawn for each image so that two images of an identity have a cosine of
  /// about 0.755 ± 0.10; everything is turned by a random rotation.
  /// - Complexity: O(*n* · *d*²) for *n* vectors of dimension *d*; 1M × 128 take a few seconds.
  public init(_ recipe: SetRecipe) {
    switch recipe.kind {
    case .sphere:
      identities = []
      queryIdentities = []
      base = Self.sphere(recipe.count, recipe.dimension, seed: recipe.seed, stream: 1 << 32)
      queries = Self.sphere(recipe.queries, recipe.dimension, seed: recipe.seed, stream: 2 << 32)
    case .faces(let people, let imagesEach, let pairCosine, let deviation):
      let model = FaceModel(
        identities: people, dimension: recipe.dimension, pairCosine: pairCosine, deviation: deviation,
        seed: recipe.seed)
      var random = SeededRandom(seed: recipe.seed, stream: 3)
      // Enrolment order is not by identity.
      identities = (0..<recipe.count).map { Int32($0 / imagesEach % people) }.shuffled(using: &random)
      queryIdentities = (0..<recipe.queries).map { _ in Int32.random(in: 0..<Int32(people), using: &random) }
      base = Self.inCone(model.images(of: identities, stream: 1 << 32), recipe)
      queries = Self.inCone(model.images(of: queryIdentities, stream: 2 << 32), recipe)
    }
  }

  /// Turns unit vectors into such that share a part, as a real network's embeddings do.
  private static func inCone(_ set: VectorSet, _ recipe: SetRecipe) -> VectorSet {
    guard recipe.common > 0 else { return set }
    let dimension = recipe.dimension
    let direction = sphere(1, dimension, seed: recipe.seed, stream: 3 << 32).values
    let rest = (1 - recipe.common * recipe.common).squareRoot()
    var values = set.values
    values.withUnsafeMutableBufferPointer { rows in
      for i in rows.indices { rows[i] = rest * rows[i] + recipe.common * direction[i % dimension] }
      normalizeRows(rows, dimension)
    }
    return VectorSet(dimension: dimension, values: values)
  }

  private static func sphere(_ count: Int, _ dimension: Int, seed: UInt64, stream: UInt64) -> VectorSet {
    VectorSet(
      dimension: dimension,
      values: filledRows(count, dimension, seed: seed, stream: stream) { rows, _, random in
        for index in rows.indices { rows[index] = random.normal() }
        normalizeRows(rows, dimension)
      })
  }
}

/// Fills rows in blocks of fixed size on all cores; each block has a random stream of its own.
func filledRows(
  _ count: Int, _ dimension: Int, seed: UInt64, stream: UInt64,
  _ fill:
    @Sendable (_ rows: UnsafeMutableBufferPointer<Float>, _ first: Int, _ random: inout SeededRandom) -> Void
) -> [Float] {
  let block = 4096
  return [Float](unsafeUninitializedCapacity: count * dimension) { buffer, initialized in
    nonisolated(unsafe) let values = buffer
    DispatchQueue.concurrentPerform(iterations: (count + block - 1) / block) { index in
      let first = index * block
      let rows = min(block, count - first)
      let part = UnsafeMutableBufferPointer(rebasing: values[first * dimension..<(first + rows) * dimension])
      part.initialize(repeating: 0)
      var random = SeededRandom(seed: seed, stream: stream + UInt64(index))
      fill(part, first, &random)
    }
    initialized = count * dimension
  }
}

/// Scales every row to unit length.
func normalizeRows(_ values: UnsafeMutableBufferPointer<Float>, _ dimension: Int) {
  for start in stride(from: 0, to: values.count, by: dimension) {
    var square: Float = 0
    for index in start..<start + dimension { square += values[index] * values[index] }
    let scale = 1 / max(square.squareRoot(), .leastNormalMagnitude)
    for index in start..<start + dimension { values[index] *= scale }
  }
}
