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
    // Without a threshold the nearest person is shown, and no verdict.
    let isCalibrated = likeness ? try gallery.hasOperatingPoint() : false
    let answer =
      likeness
      ? try gallery.query(group, options: QueryOptions(k: 1, threshold: isCalibrated ? nil : 2)) : nil
    let best = answer?.candidates.first
    (mostLike, similarity) = (best?.name, best?.similarity)
    verdict = if let answer, answer.verdict != .unknown { answer.verdict.text } else { nil }
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
