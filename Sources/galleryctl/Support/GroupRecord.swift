import FaceGallery

/// A group of faces without a name, as `--json` shows it.
struct GroupRecord: Encodable {
  struct Face: Encodable {
    let face: UInt64
    let photo: String?
  }

  let group: UInt64
  /// The most typical first.
  let faces: [Face]
  /// The person whom the group's mean is most like.
  let mostLike: String?
  let similarity: Float?
  /// That person's name, or those who come into question, when the group is probably theirs.
  let verdict: String?

  /// - Parameter likeness: Whether to look for the person whom the group is most like.
  init(_ group: FaceGroup, _ gallery: Gallery, likeness: Bool) throws {
    self.group = group.id
    var faces: [Face] = []
    for face in group.faces { faces.append(Face(face: face.rawValue, photo: try gallery.face(face)?.path)) }
    self.faces = faces
    // Without a threshold the nearest person is shown, and no verdict.
    let isCalibrated = try likeness && gallery.hasOperatingPoint()
    let answer =
      likeness
      ? try gallery.query(group, options: QueryOptions(k: 1, threshold: isCalibrated ? nil : 2)) : nil
    let best = answer?.candidates.first
    (mostLike, similarity) = (best?.name, best?.similarity)
    verdict = if let answer, answer.verdict != .unknown { answer.verdict.text } else { nil }
  }
}
