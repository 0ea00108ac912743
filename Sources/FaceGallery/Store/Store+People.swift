internal import LMDB

extension Store {
  func rename(
    _ id: PersonID, to name: PersonName, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws {
    guard var record = try personRecord(id, transaction) else { throw Self.noSuchPerson(id) }
    guard record.name != name.text else { return }
    if let other = try person(named: name, transaction) {
      throw GalleryError(
        .nameTaken,
        "Person \(other) is called “\(name.text)” already; merge the two, or choose another name.")
    }
    try transaction.remove(record.name, from: tables.personsByName)
    record.name = name.text
    try transaction.put(record.encoded, for: id.rawValue, in: tables.persons)
    try transaction.put(id.rawValue, for: name.text, in: tables.personsByName, mode: .insert)
    log.note(.renamed, person: id)
  }

  /// Moves the faces of `source` to `target` and removes `source`.
  func merge(
    _ source: PersonID, into target: PersonID, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws {
    guard let record = try personRecord(source, transaction) else { throw Self.noSuchPerson(source) }
    guard try transaction.contains(target.rawValue, in: tables.persons) else {
      throw Self.noSuchPerson(target)
    }
    guard source != target else { return }
    for face in try faces(of: source, transaction) { try move(face, to: target, transaction, &log) }
    let own = try metadata(of: .person(target), transaction)
    for (key, value) in try metadata(of: .person(source), transaction) where own[key] == nil {
      try setMetadata(key, value, of: .person(target), transaction)
    }
    try delete(source, record, transaction, &log)
  }

  /// Gives a face to another person, who is there.
  func move(
    _ face: FaceID, to person: PersonID, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws {
    guard var record = try faceRecord(face, transaction) else {
      throw GalleryError(.noSuchFace, "There is no face \(face) in the gallery.")
    }
    guard record.person != person else { return }
    try transaction.remove(face.rawValue, of: record.person.rawValue, from: tables.facesByPerson)
    record.person = person
    try transaction.put(record.encoded, for: face.rawValue, in: tables.faces)
    try transaction.put(face.rawValue, for: person.rawValue, in: tables.facesByPerson)
    if let table = tables.groups { try transaction.remove(face.rawValue, from: table) }
    log.note(.moved, face: face, person: person)
  }

  /// Removes a person with all faces, and says how many there were.
  func remove(
    _ person: PersonID, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> Int {
    guard let record = try personRecord(person, transaction) else { throw Self.noSuchPerson(person) }
    let faces = try faces(of: person, transaction)
    for face in faces { try remove(face, transaction, &log) }
    try delete(person, record, transaction, &log)
    return faces.count
  }

  func remove(
    _ face: FaceID, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws {
    guard let record = try faceRecord(face, transaction) else { throw Self.noSuchFace(face) }
    try removeMetadata(of: .face(face), transaction)
    try transaction.remove(face.rawValue, from: tables.faces)
    try transaction.remove(face.rawValue, from: tables.vectors)
    if let table = tables.thumbnails { try transaction.remove(face.rawValue, from: table) }
    if let table = tables.groups { try transaction.remove(face.rawValue, from: table) }
    try transaction.remove(face.rawValue, of: record.person.rawValue, from: tables.facesByPerson)
    if let photo = record.photo {
      try transaction.remove(face.rawValue, of: photo.bytes, from: tables.facesBySource)
    }
    log.note(.removed, face: face, person: record.person)
  }

  /// Removes a person of whom no face is left.
  private func delete(
    _ person: PersonID, _ record: PersonRecord, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws {
    try removeMetadata(of: .person(person), transaction)
    try transaction.remove(person.rawValue, from: tables.persons)
    try transaction.remove(record.name, from: tables.personsByName)
    log.note(.personRemoved, person: person)
  }

  static func noSuchFace(_ id: FaceID) -> GalleryError {
    GalleryError(.noSuchFace, "There is no face \(id) in the gallery.")
  }

  static func noSuchPerson(_ id: PersonID) -> GalleryError {
    GalleryError(.noSuchPerson, "There is no person \(id) in the gallery.")
  }
}
