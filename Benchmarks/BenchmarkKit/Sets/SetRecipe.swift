/// What a generated set looks like.
public struct SetRecipe: Sendable, Hashable {
  /// The kinds of sets.
  public enum Kind: Sendable, Hashable {
    /// Several images of each of many identities, with the statistics of face embeddings.
    case faces(identities: Int, imagesEach: Int, pairCosine: Double, deviation: Double)
    /// Independent directions, uniform on the sphere: the hardest case for a graph.
    case sphere
  }

  /// The name under which the set is written.
  public let name: String
  /// The kind of set.
  public let kind: Kind
  /// Base vectors.
  public let count: Int
  /// Query vectors, drawn like the base and not in it.
  public let queries: Int
  /// The length of what all vectors have in common, 0 ..< 1; what tells them apart is as of the kind.
  public let common: Float
  /// The seed of all randomness.
  public let seed: UInt64
  /// The length of the vectors.
  public let dimension = 128

  /// The recipe for a name: `face`, `facecone`, `facedup` or `gauss` and a size, such as `face100k`, `face1m`, `gauss20000`.
  ///
  /// - Parameter queries: the number of queries; `nil` for 10,000 (faces), 2,000 (near-duplicates) or 1,000.
  /// - Throws: ``InputError`` for another name, or a size outside 10 … 100 million.
  public init(name: String, queries: Int? = nil, seed: UInt64 = 20_261_124) throws(InputError) {
    let digits = name.drop { !$0.isNumber }
    let multiplier = digits.last == "k" ? 1000 : digits.last == "m" ? 1_000_000 : 1
    let number = Int(multiplier == 1 ? digits : digits.dropLast())
    let (count, overflow) = (number ?? 0).multipliedReportingOverflow(by: multiplier)
    guard !overflow, (10...100_000_000).contains(count) else {
      throw InputError(
        "\"\(name)\" names no set: take face, facecone, facedup or gauss and a size, such as face100k.")
    }
    self.name = name
    self.seed = seed
    let usual: Int
    var common: Float = 0
    switch name.dropLast(digits.count) {
    case "face", "facecone":
      kind = .faces(
        identities: max(2, count / 5), imagesEach: 5, pairCosine: 0.765, deviation: 0.13)
      usual = 10_000
      // As the embeddings of LFW by dlib's network have it.
      if name.hasPrefix("facecone") { common = 0.91 }
    case "facedup":
      // Near-duplicates as from video: clusters larger than a node has links.
      kind = .faces(
        identities: max(2, count / 100), imagesEach: 100, pairCosine: 0.94, deviation: 0.03)
      usual = 2_000
    case "gauss":
      kind = .sphere
      usual = 1_000
    default:
      throw InputError(
        "\"\(name)\" names no set: the kinds are face, facecone, facedup and gauss, as in face100k.")
    }
    self.common = common
    self.count = count
    self.queries = max(1, queries ?? usual)
  }
}
