internal import FaceEngine
internal import LMDB

/// A photo whose faces have been chosen and embedded.
struct PreparedPhoto: Sendable {
  /// Nil for faces that are kept without a name.
  let name: PersonName?
  let digest: PhotoDigest
  let label: String?
  let faces: [Face]
  /// A JPEG file a face, nil where none is kept.
  let thumbnails: [[UInt8]?]
  /// What each face is tagged with.
  let tags: [String: String]
}

extension Store {
  /// Adds the faces of a photo, unless the person has this photo or one of the faces has another name. A face that is
  /// there without a name gets it.
  func enrol(
    _ photo: PreparedPhoto, form: VectorForm, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws -> PhotoReport {
    guard let name = photo.name else {
      return try enrolUnnamed(photo, form: form, transaction, &log)
    }
    let known = try person(named: name, transaction)
    let existing = try faces(in: photo.digest, transaction)
    var own: [FaceID] = []
    var unnamed: [(id: FaceID, box: PixelRect)] = []
    var others: Set<String> = []
    var conflict: String?
    for id in existing {
      guard let record = try faceRecord(id, transaction) else { throw Self.damaged("face \(id) is missing") }
      if record.person == known {
        own.append(id)
        continue
      }
      if record.person == .unnamed {
        if let box = record.detection?.box { unnamed.append((id, box)) }
        continue
      }
      guard let other = try personRecord(record.person, transaction)?.name else {
        throw Self.damaged("person \(record.person) is missing")
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

    let person = try known ?? insert(name, transaction, &log)
    var added: [FaceID] = []
    for place in photo.faces.indices {
      if let same = unnamed.first(where: { $0.box.isSameFace(photo.faces[place]) }) {
        try move(same.id, to: person, transaction, &log)
        try tag(same.id, as: photo, transaction)
        added.append(same.id)
      } else {
        added.append(
          try insert(photo, face: place, of: person, form: form, transaction, &log))
      }
    }
    return report(person, .added(added))
  }

  /// Adds the faces of a photo that are not there yet, without a name.
  private func enrolUnnamed(
    _ photo: PreparedPhoto, form: VectorForm, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws -> PhotoReport {
    var there: [(id: FaceID, box: PixelRect)] = []
    for id in try faces(in: photo.digest, transaction) {
      if let box = try faceRecord(id, transaction)?.detection?.box { there.append((id, box)) }
    }
    var known: [FaceID] = []
    var added: [FaceID] = []
    for place in photo.faces.indices {
      if let same = there.first(where: { $0.box.isSameFace(photo.faces[place]) }) {
        known.append(same.id)
      } else {
        added.append(
          try insert(photo, face: place, of: .unnamed, form: form, transaction, &log))
      }
    }
    return PhotoReport(
      photo: photo.label, name: nil, person: nil, outcome: added.isEmpty ? .skipped(known) : .added(added))
  }

  /// Adds an embedding that comes without a photo, of nobody yet when there is no name.
  func enrol(
    _ embedding: Embedding, as name: PersonName?, form: VectorForm, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws -> FaceID {
    let person =
      if let name { try person(named: name, transaction) ?? insert(name, transaction, &log) } else {
        PersonID.unnamed
      }
    let record = FaceRecord(person: person, added: .storable, photo: nil, detection: nil, path: nil)
    return try insert(record, embedding, form: form, transaction, &log)
  }

  func insert(
    _ name: PersonName, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> PersonID {
    let id = log.newPerson()
    let record = PersonRecord(name: name.text, created: .storable)
    try transaction.put(record.encoded, for: id.rawValue, in: tables.persons, mode: .append)
    try transaction.put(id.rawValue, for: name.text, in: tables.personsByName, mode: .insert)
    return id
  }

  private func insert(
    _ photo: PreparedPhoto, face place: Int, of person: PersonID, form: VectorForm,
    _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> FaceID {
    let face = photo.faces[place]
    let record = FaceRecord(
      person: person, added: .storable, photo: photo.digest, detection: face.detection, path: photo.label)
    let id = try insert(
      record, face.embedding, form: form, picture: photo.thumbnails[place], transaction, &log)
    if let thumbnail = photo.thumbnails[place], let table = tables.thumbnails {
      try transaction.put(thumbnail, for: id.rawValue, in: table, mode: .append)
    }
    try tag(id, as: photo, transaction)
    return id
  }

  private func tag(
    _ face: FaceID, as photo: PreparedPhoto, _ transaction: borrowing WriteTransaction
  ) throws {
    for (key, value) in photo.tags {
      let entry = try TagEntry(key, value)
      try setTag(entry.key, entry.value, of: .face(face), transaction)
    }
  }

  private func insert(
    _ record: FaceRecord, _ embedding: Embedding, form: VectorForm, picture: [UInt8]? = nil,
    _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> FaceID {
    guard embedding.dimension == form.dimension else {
      throw GalleryError(
        .invalidEmbedding,
        "The embedding has \(embedding.dimension) components, and those of the gallery have \(form.dimension)."
      )
    }
    return try insert(
      record, vector: VectorBytes.encode(embedding.values), form: form, picture: picture, transaction, &log)
  }

  /// Adds a face with the bytes of its unit vector, and the checksum of the picture that the caller keeps.
  func insert(
    _ record: FaceRecord, vector: [UInt8], form: VectorForm, picture: [UInt8]? = nil,
    _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> FaceID {
    let id = log.newFace()
    var record = record
    record.checksums = FaceRecord.Checksums(
      engine: form.engine, vector: CRC32C.of(vector), picture: picture.map { CRC32C.of($0) } ?? 0)
    let key = id.rawValue
    try transaction.put(record.encoded, for: key, in: tables.faces, mode: .append)
    try transaction.put(vector, for: key, in: tables.vectors, mode: .append)
    try transaction.put(key, for: record.person.rawValue, in: tables.facesByPerson)
    if let photo = record.photo { try transaction.put(key, for: photo.bytes, in: tables.facesBySource) }
    log.note(.added, face: id, person: record.person)
    return id
  }
}

extension PixelRect {
  /// Whether a face found in the same photo is the one of this box.
  func isSameFace(_ face: Face) -> Bool { overlap(with: face.detection.box) >= 0.5 }
}
