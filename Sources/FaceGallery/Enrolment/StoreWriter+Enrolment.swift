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
  var faces: [Face]
  /// A JPEG file a face, nil where none is kept.
  var thumbnails: [[UInt8]?]
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
        // Where the place of the face is given, everybody knows of the others.
        alsoShows: photo.hasBox ? [] : others.sorted())
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
    return report(person, .added(added))
  }

  /// Puts the faces of a photo in the place of those of what was at its path before: each in that of the one that it is most like, whose
  /// person and tags it gets. A single one is replaced also by a face that is not like it.
  ///
  /// Faces in whose place there is none stay, and are missing from then on.
  func replaceFaces(by photo: PreparedPhoto) throws -> PhotoReport {
    var before: [(id: FaceID, record: StoredFace, vector: [Float])] = []
    for id in photo.replaces {
      guard let record = try faceRecord(id), let vector = try vector(of: id) else { continue }
      before.append((id, record, vector))
    }
    // What is in the gallery by another file already is dealt with as a photo of its own.
    let isThere = try faces(in: photo.digests).contains { face in !before.contains { $0.id == face } }
    guard !before.isEmpty, !isThere else { return try enrol(photo) }
    var pairs: [(old: Int, new: Int, similarity: Float)] = []
    for (old, face) in before.enumerated() {
      for (new, other) in photo.faces.enumerated() {
        let similarity = zip(face.vector, other.embedding.values).reduce(0) { $0 + $1.0 * $1.1 }
        if before.count == 1 || similarity >= Self.leastLikeness { pairs.append((old, new, similarity)) }
      }
    }
    pairs.sort { ($0.similarity, $1.old, $1.new) > ($1.similarity, $0.old, $0.new) }
    var matches: [Int: Int] = [:]
    for pair in pairs where matches[pair.old] == nil && !matches.values.contains(pair.new) {
      matches[pair.old] = pair.new
    }
    guard !matches.isEmpty else {
      // Another photo than before: like a new one, of which the largest face counts.
      var other = photo
      (other.faces, other.thumbnails) = (Array(photo.faces.prefix(1)), Array(photo.thumbnails.prefix(1)))
      return try enrol(other)
    }
    var people: Set<PersonID> = []
    var added: [FaceID] = []
    for (old, new) in matches.sorted(by: { $0.key < $1.key }) {
      let (id, record) = (before[old].id, before[old].record)
      var person = record.person
      // A single face without a name gets that of the photo.
      if person == .unnamed, before.count == 1, let name = photo.name {
        person = try self.person(named: name) ?? insert(name)
      }
      let tags = try tags(of: .face(id))
      try remove(id)
      let face = try insert(photo, face: new, of: person)
      try tag(.face(face), tags)
      added.append(face)
      people.insert(person)
    }
    let person = people.count == 1 ? people.first.flatMap { $0 == .unnamed ? nil : $0 } : nil
    var report = PhotoReport(
      photo: photo.label, name: try person.flatMap { try personRecord($0)?.name }, person: person,
      outcome: .added(added))
    report.replaced = matches.count
    return report
  }

  /// The cosine similarity from which a face of a changed photo may be one that was found in it before: of the pictures of one face that
  /// programs make of each other few are less like.
  private static var leastLikeness: Float { 0.5 }

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
      record, vector: VectorBytes.encode(face.embedding.values), thumbnail: photo.thumbnails[place])
    try tag(id, as: photo)
    return id
  }

  private func tag(_ face: FaceID, as photo: PreparedPhoto) throws {
    let entries = try TagEntry.all(photo.tags, most: TagEntry.mostOfOwner)
    try tag(.face(face), entries, most: TagEntry.mostOfOwner)
  }
}

extension PixelRect {
  /// Whether a face found in the same photo is the one of this box.
  func isSameFace(_ face: Face) -> Bool { isSameFace(as: face.detection.box) }
}
