internal import FaceEngine
internal import GalleryStore
internal import Imaging

/// A photo whose faces have been chosen and embedded.
struct PreparedPhoto: Sendable {
  /// Nil for faces that are kept without a name.
  let name: PersonName?
  /// Whether somebody said where the face is: then the person may have others in the photo.
  var hasBox = false
  /// The faces that go when these are there.
  var replaces: [FaceID] = []
  let digests: PhotoDigests
  let label: String?
  let faces: [Face]
  /// A JPEG file a face, nil where none is kept.
  let thumbnails: [[UInt8]?]
  /// What each face is tagged with.
  let tags: [String: String]
  /// Whether it is refused when something speaks against its name.
  let refusesDoubtful: Bool
  /// What speaks against the name.
  var doubts: [EnrolmentDoubt] = []
  /// What is to be said of the photo's file.
  let remarks: [ImageRemark]
}

extension StoreWriter where Self: ~Copyable {
  /// Adds the faces of a photo, unless the person has this photo or one of the faces has another name. A face that is
  /// there without a name gets it.
  func enrol(_ photo: PreparedPhoto) throws -> PhotoReport {
    guard let name = photo.name else {
      return try enrolUnnamed(photo)
    }
    let known = try person(named: name)
    let existing = try faces(in: photo.digests)
    var own: [FaceID] = []
    var unnamed: [(id: FaceID, box: PixelRect)] = []
    var others: Set<String> = []
    var conflict: String?
    for id in existing {
      let record = try storedRecord(id)
      if record.person == known {
        if !photo.hasBox || photo.faces.contains(where: { record.isSameFace(at: $0.detection.box) }) {
          own.append(id)
        }
        continue
      }
      if record.person == .unnamed {
        if let box = record.detection?.box { unnamed.append((id, box)) }
        continue
      }
      guard let other = try personRecord(record.person)?.name else {
        throw GalleryError.damaged("person \(record.person) is missing")
      }
      others.insert(other)
      if let box = record.detection?.box,
        photo.faces.contains(where: { box.isSameFace($0) })
      {
        conflict = other
      }
    }
    func report(_ person: PersonID?, _ outcome: PhotoReport.Outcome) -> PhotoReport {
      PhotoReport(
        photo: photo.label, name: name.text, person: person, outcome: outcome,
        alsoShows: others.sorted())
    }
    if !own.isEmpty { return report(known, .skipped(own)) }
    if let conflict { return report(known, .refused(.enrolledAs(conflict))) }

    let person = try known ?? insert(name)
    var added: [FaceID] = []
    for place in photo.faces.indices {
      if let same = unnamed.first(where: { $0.box.isSameFace(photo.faces[place]) }) {
        try move(same.id, to: person)
        try tag(same.id, as: photo)
        added.append(same.id)
      } else {
        added.append(try insert(photo, face: place, of: person))
      }
    }
    for face in photo.replaces where try contains(face) && !added.contains(face) { try remove(face) }
    return report(person, .added(added))
  }

  /// Adds the faces of a photo that are not there yet, without a name.
  private func enrolUnnamed(_ photo: PreparedPhoto) throws -> PhotoReport {
    var there: [(id: FaceID, box: PixelRect)] = []
    for id in try faces(in: photo.digests) {
      if let box = try faceRecord(id)?.detection?.box { there.append((id, box)) }
    }
    var known: [FaceID] = []
    var added: [FaceID] = []
    for place in photo.faces.indices {
      if let same = there.first(where: { $0.box.isSameFace(photo.faces[place]) }) {
        known.append(same.id)
      } else {
        added.append(try insert(photo, face: place, of: .unnamed))
      }
    }
    return PhotoReport(
      photo: photo.label, name: nil, person: nil, outcome: added.isEmpty ? .skipped(known) : .added(added))
  }

  private func insert(_ photo: PreparedPhoto, face place: Int, of person: PersonID) throws -> FaceID {
    let face = photo.faces[place]
    let record = StoredFace(
      person: person, added: .storable, photo: photo.digests.picture, detection: face.detection,
      path: photo.label)
    let id = try insert(
      record, vector: VectorBytes.encode(face.embedding.values), picture: photo.thumbnails[place])
    try tag(id, as: photo)
    return id
  }

  private func tag(_ face: FaceID, as photo: PreparedPhoto) throws {
    for (key, value) in try TagEntry.all(photo.tags) { try tag(.face(face), key, value) }
  }
}

extension PixelRect {
  /// Whether a face found in the same photo is the one of this box.
  func isSameFace(_ face: Face) -> Bool { isSameFace(as: face.detection.box) }
}
