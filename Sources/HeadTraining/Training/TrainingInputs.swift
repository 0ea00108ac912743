internal import Support

/// What a head takes of pictures: their features, or the components of these.
struct TrainingInputs {
  let features: FeatureSet
  /// Numbers that a head takes of a picture.
  let width: Int
  private let projection: Projection?
  /// All pictures' components, a row for each face and variant; none without a projection.
  private let components: [Float]

  /// Finds the components.
  ///
  /// - Parameters:
  ///   - features: The features of all pictures.
  ///   - trained: The faces among which the components are sought.
  ///   - count: How many components at most; 0 is the features as they are.
  /// - Throws: ``TrainingError`` with code `badData`.
  init(_ features: FeatureSet, trained: [Int], components count: Int) throws(TrainingError) {
    self.features = features
    projection = count > 0 ? try Projection(features, faces: trained, components: count) : nil
    width = projection?.components ?? features.inputs
    components = projection.map { $0(features) } ?? []
  }

  /// Rows of pictures.
  func rows(_ pictures: [Int]) -> [Float] {
    guard !components.isEmpty else { return features.values(pictures) }
    var rows: [Float] = []
    rows.reserveCapacity(pictures.count * width)
    for picture in pictures { rows += components[picture * width..<(picture + 1) * width] }
    return rows
  }

  /// Rows of a variant of faces.
  func rows(_ faces: [Int], variant: Int) -> [Float] { rows(faces.map { $0 * features.variants + variant }) }

  /// A head on these inputs as the head on features that gives the same embeddings.
  func folded(into head: HeadParameters) -> HeadParameters { projection?.folded(into: head) ?? head }

  /// The first weights of a head.
  func firstHead(
    trained: [Int], options: TrainingOptions, using generator: inout SplitMix64
  ) throws(TrainingError) -> HeadParameters {
    func head(_ inputs: Int) -> HeadParameters {
      HeadParameters(
        HeadShape(inputs: inputs, dropout: [options.dropout, options.dropout, 0]), using: &generator)
    }
    guard options.start == .discriminant else { return head(width) }
    // Directions are sought among components; without them, the head that they give is written over the features.
    let own =
      projection != nil
      ? self : try TrainingInputs(features, trained: trained, components: TrainingOptions().components)
    let pictures = trained.flatMap { face in
      (0..<features.variants).map { face * features.variants + $0 }
    }
    var first = head(own.width)
    first.begin(
      as: try Discriminant(
        own.rows(pictures), people: pictures.map { features.people[$0 / features.variants] },
        directions: first.shape.units[0], shrinkage: options.shrinkage))
    return projection == nil ? own.folded(into: first) : first
  }
}
