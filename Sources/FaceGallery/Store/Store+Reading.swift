internal import FaceEngine
internal import LMDB

extension Store {
  func personRecord(
    _ id: PersonID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> PersonRecord? {
    guard let bytes = try transaction.value(for: id.rawValue, in: tables.persons) else { return nil }
    return try Self.decoding("the record of person \(id)") { try PersonRecord(decoding: bytes) }
  }

  func faceRecord(
    _ id: FaceID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> FaceRecord? {
    guard let bytes = try transaction.value(for: id.rawValue, in: tables.faces) else { return nil }
    return try Self.decoding("the record of face \(id)") { try FaceRecord(decoding: bytes) }
  }

  /// The person of a name in the list of names.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` when nobody has that name.
  func listedPerson(
    _ name: String, _ id: PersonID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> Person {
    guard let person = try person(id, transaction), person.name == name else {
      throw Self.damaged("the name “\(name)” leads to nobody of that name")
    }
    return person
  }

  func person(
    _ id: PersonID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> Person? {
    guard let record = try personRecord(id, transaction) else { return nil }
    let count = try transaction.withCursor(in: tables.facesByPerson) { cursor in
      try cursor.find(id.rawValue) ? try cursor.duplicateCount() : 0
    }
    return Person(id: id, name: record.name, faceCount: count, created: record.created)
  }

  func person(
    named name: PersonName, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> PersonID? {
    guard let number = try transaction.value(for: name.text, in: tables.personsByName) else { return nil }
    let id = PersonID(rawValue: number)
    guard try personRecord(id, transaction)?.name == name.text else {
      throw Self.damaged("the name “\(name.text)” leads to nobody of that name")
    }
    return id
  }

  /// The faces of a person, older ones first.
  func faces(
    of person: PersonID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [FaceID] {
    try duplicates(of: person.rawValue, in: tables.facesByPerson, transaction)
  }

  /// The faces that were found in a photo.
  func faces(
    in photo: PhotoDigest, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [FaceID] {
    try duplicates(of: photo.bytes, in: tables.facesBySource, transaction)
  }

  /// The faces of a person with their records, older ones first.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` when the list and the records differ.
  func faceRecords(
    of person: PersonID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [(id: FaceID, record: FaceRecord)] {
    try faces(of: person, transaction).map { id in
      guard let record = try faceRecord(id, transaction) else { throw Self.damaged("face \(id) is missing") }
      guard record.person == person else {
        throw Self.damaged("person \(person) lists face \(id), which is not theirs")
      }
      return (id, record)
    }
  }

  /// The vector of a face, or nil when there is no such face.
  func vector(
    _ id: FaceID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [Float]? {
    try transaction.withBytes(for: id.rawValue, in: tables.vectors) { bytes in
      if let bytes { VectorBytes.decode(bytes) } else { nil }
    }
  }

  /// The kept picture of a face, as it was written; nil when there is none.
  ///
  /// - Throws: ``GalleryError`` with code `damaged`.
  func picture(
    of id: FaceID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [UInt8]? {
    guard let table = tables.thumbnails, let picture = try transaction.value(for: id.rawValue, in: table)
    else {
      return nil
    }
    if let sum = try faceRecord(id, transaction)?.checksums?.picture, sum != 0, sum != CRC32C.of(picture) {
      throw Self.damaged("the picture of face \(id) is not what was written")
    }
    return picture
  }

  private func duplicates<Key>(
    of key: Key, in table: Database<Key, UInt64>, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [FaceID] {
    try transaction.withCursor(in: table) { cursor in
      var faces: [FaceID] = []
      guard try cursor.find(key) else { return faces }
      repeat { faces.append(FaceID(rawValue: try cursor.value)) } while try cursor.nextDuplicate()
      return faces
    }
  }
}
