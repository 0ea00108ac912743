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
    try transaction.value(for: name.text, in: tables.personsByName).map { PersonID(rawValue: $0) }
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

  /// The vector of a face, or nil when there is no such face.
  func vector(
    _ id: FaceID, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [Float]? {
    try transaction.withBytes(for: id.rawValue, in: tables.vectors) { bytes in
      if let bytes { VectorBytes.decode(bytes) } else { nil }
    }
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
