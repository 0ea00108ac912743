public import FaceGallery

/// A group of faces without a name, in JSON.
public struct GroupRecord: Encodable, Sendable {
  /// One of its faces, in JSON.
  public struct Face: Encodable, Sendable {
    /// The number of the face.
    public let face: UInt64
    /// Where its photo was when it was added.
    public let photo: String?
  }

  /// The group's number.
  public let group: UInt64
  /// The most typical first.
  public let faces: [Face]
  /// The person whom the group's mean is most like.
  public let mostLike: String?
  /// How like.
  public let similarity: Float?
  /// That person's name, or those who come into question, when the group is probably theirs.
  public let verdict: String?

  /// The record of a group.
  ///
  /// - Parameters:
  ///   - group: The group.
  ///   - gallery: Where its faces are.
  ///   - likeness: Whether to look for the person whom the group is most like.
  public init(_ group: FaceGroup, _ gallery: Gallery, likeness: Bool) throws(GalleryError) {
    self.group = group.id
    var faces: [Face] = []
    for face in group.faces { faces.append(Face(face: face.rawValue, photo: try gallery.face(face)?.path)) }
    self.faces = faces
    let likeness = likeness ? try GroupLikeness(group, gallery) : nil
    (mostLike, similarity) = (likeness?.person?.name, likeness?.person?.similarity)
    verdict = likeness?.verdict
  }
}

/// Whom a group is most like.
public struct GroupLikeness: Sendable, Hashable {
  /// The person whom the group's mean is most like; nil in a gallery without people.
  public let person: Match?
  /// That person's name, or those who come into question, when the group is probably theirs.
  public let verdict: String?

  /// Looks for the person. Without a threshold there is no verdict.
  public init(_ group: FaceGroup, _ gallery: Gallery) throws(GalleryError) {
    let isCalibrated = try gallery.hasOperatingPoint()
    let answer = try gallery.query(group, options: QueryOptions(k: 1, threshold: isCalibrated ? nil : 2))
    person = answer.candidates.first
    verdict = answer.verdict != .unknown ? answer.verdict.text : nil
  }
}

/// The groups of a gallery's faces without a name, in JSON.
public struct GroupsRecord: Encodable, Sendable {
  /// How many faces have no name.
  public let unnamedFaces: Int
  /// The groups, the largest first.
  public let groups: [GroupRecord]

  /// The record of these groups.
  public init(unnamedFaces: Int, groups: [GroupRecord]) {
    (self.unnamedFaces, self.groups) = (unnamedFaces, groups)
  }
}

/// What grouping the faces without a name gave, in JSON.
public struct ClusteringRecord: Encodable, Sendable {
  /// How many groups there are.
  public let total: Int
  /// How many faces are in them.
  public let groupedFaces: Int
  /// How many faces have no name.
  public let unnamedFaces: Int
  /// How many of those are ignored.
  public let ignoredFaces: Int
  /// The similarity from which faces were neighbours.
  public let threshold: Float

  /// The record of a clustering.
  public init(_ clustering: Clustering) {
    (total, groupedFaces) = (clustering.groups.count, clustering.grouped)
    (unnamedFaces, ignoredFaces) = (clustering.faces, clustering.ignored)
    threshold = clustering.threshold
  }
}

/// A group as a server shows it, in JSON.
public struct ServedGroupRecord: Encodable, Sendable {
  /// One of its faces, in JSON.
  public struct Face: Encodable, Sendable {
    /// The number of the face.
    public let face: UInt64
    /// Where a server has its picture; absent when none is kept.
    public let thumbnail: String?
  }

  /// The group's number.
  public let group: UInt64
  /// How many faces it has.
  public let size: Int
  /// The first of them, the most typical first.
  public let faces: [Face]
  /// The person whom the group's mean is most like.
  public let mostLike: AnswerRecord.Candidate?
  /// That person's name, or those who come into question, when the group is probably theirs.
  public let verdict: String?

  /// The record of a group.
  ///
  /// - Parameters:
  ///   - group: The group.
  ///   - count: At most so many faces are listed.
  ///   - likeness: Whom it is most like; nil when that was not looked for.
  ///   - thumbnail: Where a server has the picture of a face; nil for one that it has not.
  public init(
    _ group: FaceGroup, faces count: Int, likeness: GroupLikeness?, thumbnail: (FaceID) -> String?
  ) {
    self.group = group.id
    size = group.faces.count
    faces = group.faces.prefix(count).map { Face(face: $0.rawValue, thumbnail: thumbnail($0)) }
    mostLike = likeness?.person.map { AnswerRecord.Candidate($0, thumbnail: thumbnail($0.face)) }
    verdict = likeness?.verdict
  }
}

/// A page of groups, in JSON.
public struct GroupPageRecord: Encodable, Sendable {
  /// How many groups there are on all pages.
  public let total: Int
  /// Those of this page, the largest first.
  public let groups: [ServedGroupRecord]
  /// What names the page behind; absent on the last one.
  public let next: String?

  /// The record of a page.
  public init(total: Int, groups: [ServedGroupRecord], next: String?) {
    (self.total, self.groups, self.next) = (total, groups, next)
  }
}

/// A page of the faces that are ignored, in JSON.
public struct IgnoredPageRecord: Encodable, Sendable {
  /// A face that is ignored, in JSON.
  public struct Face: Encodable, Sendable {
    /// The number of the face.
    public let face: UInt64
    /// The number of its person; absent for a face without a name.
    public let person: UInt64?
    /// The group with which it was ignored; absent for a face that was ignored by itself.
    public let group: UInt64?
    /// Where a server has its picture; absent when none is kept.
    public let thumbnail: String?

    /// The record of a face.
    public init(_ face: EnrolledFace, group: UInt64?, thumbnail: String?) {
      self.face = face.id.rawValue
      person = face.person == .unnamed ? nil : face.person.rawValue
      (self.group, self.thumbnail) = (group, thumbnail)
    }
  }

  /// How many there are on all pages.
  public let total: Int
  /// Those of this page, older ones first.
  public let faces: [Face]
  /// What names the page behind; absent on the last one.
  public let next: UInt64?

  /// The record of a page.
  public init(total: Int, faces: [Face], next: FaceID?) {
    (self.total, self.faces, self.next) = (total, faces, next?.rawValue)
  }
}

/// What has become of faces that were moved, in JSON.
public struct FaceMoveRecord: Encodable, Sendable {
  /// A face that went to somebody else, in JSON.
  public struct Face: Encodable, Sendable {
    /// The number of the face.
    public let face: UInt64
    /// The number of the person who had it; absent for a face that had no name.
    public let from: UInt64?
  }

  /// Who has the faces now; absent for nobody.
  public let person: PersonRecord?
  /// Those that were somebody else's before, older ones first.
  public let moved: [Face]

  /// The record of a move.
  public init(_ move: FaceMove) {
    person = move.person.map { PersonRecord($0) }
    moved = move.moved.map {
      Face(face: $0.face.rawValue, from: $0.from == .unnamed ? nil : $0.from.rawValue)
    }
  }
}
