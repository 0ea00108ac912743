internal import Foundation
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
    for (face, _) in try faceRecords(of: source, transaction) {
      try move(face, to: target, transaction, &log)
    }
    let own = try tags(of: .person(target), transaction)
    for (key, value) in try tags(of: .person(source), transaction) where own[key] == nil {
      try setTag(key, value, of: .person(target), transaction)
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
    let faces = try faceRecords(of: person, transaction)
    for (face, _) in faces { try remove(face, transaction, &log) }
    try delete(person, record, transaction, &log)
    return faces.count
  }

  /// Removes everybody with all faces, and says how many there were.
  func removeAllPeople(
    _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws -> (people: Int, faces: Int) {
    let people = try transaction.count(of: tables.personsByName)
    guard try !hasUnnamedFaces(transaction) else {
      var faces = 0
      for id in try self.people(after: nil, offset: 0, limit: people, transaction) {
        faces += try remove(id, transaction, &log)
      }
      return (people, faces)
    }
    let faces = try transaction.count(of: tables.faces)
    guard people + faces > 0 else { return (0, 0) }
    try transaction.removeAll(from: tables.persons)
    try transaction.removeAll(from: tables.personsByName)
    try transaction.removeAll(from: tables.faces)
    try transaction.removeAll(from: tables.vectors)
    try transaction.removeAll(from: tables.facesByPerson)
    try transaction.removeAll(from: tables.facesBySource)
    if let table = tables.thumbnails { try transaction.removeAll(from: table) }
    if let table = tables.metadata { try transaction.removeAll(from: table) }
    if let table = tables.metadataIndex { try transaction.removeAll(from: table) }
    if let table = tables.groups { try transaction.removeAll(from: table) }
    try transaction.removeAll(from: tables.changes)
    log.restart()
    return (people, faces)
  }

  /// A page of people by name, from the one after `name`.
  func people(
    after name: String?, offset: Int, limit: Int, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [PersonID] {
    try transaction.withCursor(in: tables.personsByName) { cursor in
      var ids: [PersonID] = []
      guard limit > 0 else { return ids }
      var isThere = if let name { try cursor.seek(name) } else { try cursor.next() }
      if let name, isThere, try cursor.key == name { isThere = try cursor.next() }
      var skipped = 0
      while isThere, skipped < offset {
        isThere = try cursor.next()
        skipped += 1
      }
      while isThere {
        ids.append(PersonID(rawValue: try cursor.value))
        isThere = try ids.count < limit && cursor.next()
      }
      return ids
    }
  }

  /// A page of the people with a text in their name, and how many they are.
  func people(
    containing text: String, after name: String?, offset: Int, limit: Int,
    _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> (ids: [PersonID], total: Int) {
    try transaction.withCursor(in: tables.personsByName) { cursor in
      var (total, skipped) = (0, 0)
      var ids: [PersonID] = []
      while try cursor.next() {
        let key = try cursor.key
        guard key.range(of: text, options: [.caseInsensitive, .diacriticInsensitive]) != nil else { continue }
        total += 1
        if let name, !name.utf8.lexicographicallyPrecedes(key.utf8) { continue }
        if skipped < offset {
          skipped += 1
        } else if ids.count < limit {
          ids.append(PersonID(rawValue: try cursor.value))
        }
      }
      return (ids, total)
    }
  }

  /// A page of the faces that are somebody's, by number.
  func faces(
    offset: Int, limit: Int, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [FaceID] {
    let hasUnnamed = try hasUnnamedFaces(transaction)
    return try transaction.withCursor(in: tables.faces) { cursor in
      var skipped = 0
      var ids: [FaceID] = []
      while ids.count < limit, try cursor.next() {
        if hasUnnamed {
          let bytes = try cursor.value
          let record = try Self.decoding("the record of face \(cursor.key)") {
            try FaceRecord(decoding: bytes)
          }
          if record.person == .unnamed { continue }
        }
        if skipped < offset { skipped += 1 } else { ids.append(FaceID(rawValue: try cursor.key)) }
      }
      return ids
    }
  }

  func remove(
    _ face: FaceID, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog
  ) throws {
    guard let record = try faceRecord(face, transaction) else { throw Self.noSuchFace(face) }
    try removeTags(of: .face(face), transaction)
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
    try removeTags(of: .person(person), transaction)
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
