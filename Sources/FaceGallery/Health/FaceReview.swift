public import GalleryStore

/// Faces that somebody should look at, found by ``Gallery/reviewFaces(_:progress:)``.
public struct FaceReview: Sendable, Hashable {
  /// A face in a review.
  public struct Member: Sendable, Hashable {
    /// The face's number.
    public let face: FaceID
    /// Whose face it is.
    public let person: PersonID
    /// That person's name.
    public let name: String
    /// Path or label of the photo when it was added.
    public let path: String?
  }

  /// Faces that are nearly the same picture.
  public struct Duplicates: Sendable, Hashable {
    /// The faces, older ones first.
    public let members: [Member]
    /// The least similarity of a face to another one of the group that led to it.
    public let similarity: Float
    /// Whether they are of several people: then all names but one are wrong.
    public var isOfSeveralPeople: Bool { Set(members.map(\.person)).count > 1 }
  }

  /// A face that is closer to another person than to its own.
  public struct Suspicion: Sendable, Hashable {
    /// The face.
    public let member: Member
    /// The most similar other face of its person.
    public let own: Member
    /// The similarity to that.
    public let ownSimilarity: Float
    /// The most similar face of somebody else.
    public let other: Member
    /// The similarity to that.
    public let otherSimilarity: Float
  }

  /// A face that is less like its person's others than 99 of 100 photos of a person are.
  public struct Outlier: Sendable, Hashable {
    /// The face.
    public let member: Member
    /// The similarity to the person by the other faces, as queries judge.
    public let similarity: Float
    /// How many faces that was judged by.
    public let faces: Int
    /// The most similar of the person's other faces.
    public let own: Member
    /// The most similar face of somebody else; nil where none is among the nearest.
    public let other: Member?
    /// The similarity to that; nil as that is.
    public let otherSimilarity: Float?
  }

  /// What may be remarkable of faces.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A ``Suspicion``.
    case suspicious
    /// An ``Outlier``.
    case outliers
    /// ``Duplicates``.
    case duplicates
  }

  /// Something that somebody should look at.
  public enum Entry: Sendable, Hashable {
    /// A face that is closer to another person than to its own.
    case suspicion(Suspicion)
    /// A face that is unlike its person's others.
    case outlier(Outlier)
    /// Faces that are nearly the same picture.
    case duplicates(Duplicates)

    /// Of which kind it is.
    public var kind: Kind {
      switch self {
      case .suspicion: .suspicious
      case .outlier: .outliers
      case .duplicates: .duplicates
      }
    }

    /// The faces that are shown of it.
    public var members: [Member] {
      switch self {
      case .suspicion(let suspicion): [suspicion.member, suspicion.own, suspicion.other]
      case .outlier(let outlier): [outlier.member, outlier.own] + (outlier.other.map { [$0] } ?? [])
      case .duplicates(let duplicates): duplicates.members
      }
    }
  }

  /// Everything that was found: suspicious faces, outliers, duplicates, each in their order.
  public var entries: [Entry] {
    suspicious.map { .suspicion($0) } + outliers.map { .outlier($0) } + duplicates.map { .duplicates($0) }
  }

  /// Faces that were looked at.
  public internal(set) var faces = 0
  /// Groups of nearly identical pictures, those of several people first, then by their oldest face.
  public internal(set) var duplicates: [Duplicates] = []
  /// Faces that are closer to somebody else, the worst first.
  public internal(set) var suspicious: [Suspicion] = []
  /// Faces that are unlike their person's others, and no closer to anybody else, the worst first; none where no operating point is known.
  public internal(set) var outliers: [Outlier] = []
}

/// What a review takes for remarkable.
public struct ReviewOptions: Sendable, Hashable {
  /// Similarity from which two faces are nearly the same picture; nil is the engine's, as the gallery has it on record, else that of
  /// dlib's.
  public var duplicateSimilarity: Float?

  /// By how much a face must be closer to another person than to its own.
  public var margin: Float

  /// Options; the defaults suit the gallery's engine.
  public init(duplicateSimilarity: Float? = nil, margin: Float = 0) {
    self.duplicateSimilarity = duplicateSimilarity
    self.margin = margin
  }
}
