public import GalleryStore

/// What is searched for, and how.
public struct QueryOptions: Sendable, Hashable {
  /// What an answer lists.
  public enum Grouping: String, Sendable, Hashable, Codable, CaseIterable {
    /// People, by ``QueryOptions/rule``.
    case person
    /// Faces.
    case face
  }

  /// How the similarity of a person follows from those of the faces.
  public enum Rule: Sendable, Hashable {
    /// The similarity to the person's most similar face.
    case bestFace
    /// The similarity to the mean, at unit length, of so many of the person's most similar faces: a poor photo, or one
    /// under a wrong name, does not count among several good ones. Near-duplicates (`OperatingPoint.nearDuplicate`), as of a burst,
    /// count once. `docs/accuracy.md` has the measurement.
    case meanOfBest(Int)

    /// The rule for so many faces: one is the most similar alone.
    public init(faces: Int) { self = faces == 1 ? .bestFace : .meanOfBest(faces) }
  }

  /// Which way the search goes.
  public enum Plan: String, Sendable, Hashable, CaseIterable {
    /// The index decides and says which way it took.
    case automatic
    /// The graph.
    case graph
    /// Every embedding is compared.
    case exact
  }

  /// How many candidates are wanted at most, at least 1.
  public var k: Int

  /// Whether candidates are people or faces.
  public var grouping: Grouping

  /// Cosine similarity from which a candidate is taken for the person; nil is the engine's operating point
  /// for a gallery of this many people.
  public var threshold: Float?

  /// Which way the search goes.
  public var plan: Plan

  /// Width of the graph search, at least `k`; nil is the index's own choice.
  public var ef: Int?

  /// Only faces that meet all of these, by their own tags or their person's, are answers.
  public var conditions: [TagCondition]

  /// How people are judged by their faces.
  public var rule: Rule

  /// Whether several faces of one photo may be known as the same person, as on a collage; else see ``Answer/ofOnePhoto(_:)``.
  /// Embeddings that are asked about without a photo are always judged each by itself.
  public var allowsSameNameTwice: Bool

  /// So many candidates are listed unless told otherwise.
  public static let standardCandidates = 5

  /// By so many of their faces people are judged unless told otherwise.
  public static let standardFaces = 5

  /// Options; the defaults answer with the five most similar people.
  public init(
    k: Int = QueryOptions.standardCandidates, grouping: Grouping = .person, threshold: Float? = nil,
    plan: Plan = .automatic,
    ef: Int? = nil,
    conditions: [TagCondition] = [], rule: Rule = .meanOfBest(QueryOptions.standardFaces),
    allowsSameNameTwice: Bool = false
  ) {
    self.k = k
    self.grouping = grouping
    self.threshold = threshold
    self.plan = plan
    self.ef = ef
    self.conditions = conditions
    self.rule = rule
    self.allowsSameNameTwice = allowsSameNameTwice
  }
}
