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

    /// The record of a face.
    public init(_ member: FaceReview.Member) {
      (face, person) = (member.face.rawValue, member.person.rawValue)
      (name, photo) = (member.name, member.path)
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
  public init(_ review: FaceReview) {
    faces = review.faces
    duplicates = review.duplicates.map {
      Duplicates(members: $0.members.map(Member.init), similarity: $0.similarity)
    }
    suspicious = review.suspicious.map {
      Suspicion(
        member: Member($0.member), own: Member($0.own), ownSimilarity: $0.ownSimilarity,
        other: Member($0.other), otherSimilarity: $0.otherSimilarity)
    }
    outliers = review.outliers.map {
      Outlier(
        member: Member($0.member), similarity: $0.similarity, faces: $0.faces, own: Member($0.own),
        other: $0.other.map(Member.init), otherSimilarity: $0.otherSimilarity)
    }
  }
}
