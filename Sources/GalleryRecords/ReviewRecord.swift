public import FaceGallery

/// Faces that somebody should look at, in JSON.
public struct ReviewRecord: Encodable, Sendable {
  /// A face in a review.
  public struct Member: Encodable, Sendable {
    /// The face's number.
    public let face: UInt64
    /// The number of its person.
    public let person: UInt64
    /// That person's name.
    public let name: String
    /// The photo's path when it was added.
    public let photo: String?
    /// Where a server has the picture of the face; absent when none is kept.
    public let thumbnail: String?

    /// The record of a face.
    public init(_ member: FaceReview.Member, withPath: Bool = true, thumbnail: String? = nil) {
      (face, person) = (member.face.rawValue, member.person.rawValue)
      (name, photo) = (member.name, withPath ? member.path : nil)
      self.thumbnail = thumbnail
    }
  }

  /// Faces that are nearly the same picture.
  public struct Duplicates: Encodable, Sendable {
    /// The faces, older ones first.
    public let members: [Member]
    /// The least similarity of a face to another one of the group that led to it.
    public let similarity: Float
  }

  /// A face that is closer to another person than to its own.
  public struct Suspicion: Encodable, Sendable {
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

  /// A face that is unlike its person's others.
  public struct Outlier: Encodable, Sendable {
    /// The face.
    public let member: Member
    /// The similarity to the person by the other faces.
    public let similarity: Float
    /// How many faces that was judged by.
    public let faces: Int
    /// The most similar of the person's other faces.
    public let own: Member
    /// The most similar face of somebody else; absent where none is among the nearest.
    public let other: Member?
    /// The similarity to that.
    public let otherSimilarity: Float?
  }

  /// Faces that were looked at.
  public let faces: Int
  /// Groups of nearly identical pictures.
  public let duplicates: [Duplicates]
  /// Faces that are closer to somebody else, the worst first.
  public let suspicious: [Suspicion]
  /// Faces that are unlike their person's others, the worst first.
  public let outliers: [Outlier]

  /// The record of a review.
  public init(_ review: FaceReview) { self.init(review.entries, of: review.faces) }

  /// The record of some entries of a review.
  ///
  /// - Parameters:
  ///   - entries: What was found.
  ///   - faces: How many faces were looked at.
  ///   - withPaths: Whether the reader may know where photos lie.
  ///   - thumbnail: Where a server has the picture of a face; nil for one that it has not.
  public init(
    _ entries: [FaceReview.Entry], of faces: Int, withPaths: Bool = true,
    thumbnail: (FaceID) -> String? = { _ in nil }
  ) {
    func member(_ member: FaceReview.Member) -> Member {
      Member(member, withPath: withPaths, thumbnail: thumbnail(member.face))
    }
    self.faces = faces
    var (duplicates, suspicious, outliers): ([Duplicates], [Suspicion], [Outlier]) = ([], [], [])
    for entry in entries {
      switch entry {
      case .duplicates(let group):
        duplicates.append(Duplicates(members: group.members.map(member), similarity: group.similarity))
      case .suspicion(let found):
        suspicious.append(
          Suspicion(
            member: member(found.member), own: member(found.own), ownSimilarity: found.ownSimilarity,
            other: member(found.other), otherSimilarity: found.otherSimilarity))
      case .outlier(let found):
        outliers.append(
          Outlier(
            member: member(found.member), similarity: found.similarity, faces: found.faces,
            own: member(found.own), other: found.other.map(member), otherSimilarity: found.otherSimilarity))
      }
    }
    (self.duplicates, self.suspicious, self.outliers) = (duplicates, suspicious, outliers)
  }
}

/// How far a review is that is being made, in JSON.
public struct ReviewProgressRecord: Encodable, Sendable {
  /// Whether one is being made.
  public let running: Bool
  /// Faces that were compared.
  public let done: Int
  /// Faces that there are to compare; 0 before that is known.
  public let total: Int

  /// The record of so many; nil says that none is being made.
  public init(_ progress: (done: Int, total: Int)?) {
    running = progress != nil
    (done, total) = progress ?? (0, 0)
  }
}
