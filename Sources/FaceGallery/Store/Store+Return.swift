internal import FaceEngine
internal import LMDB

extension Store {
  /// Adds the people of an earlier state of this store who are not there any more, and their faces.
  ///
  /// Numbers are never given out twice, so who or what has a number that is taken is there already.
  ///
  /// - Returns: How many people and faces were added.
  func takeBack(
    from source: Store, _ old: borrowing ReadTransaction, _ transaction: borrowing WriteTransaction,
    _ log: inout ChangeLog
  ) throws -> (people: Int, faces: Int) {
    guard source.uuid == uuid else { throw Self.damaged("a kept copy is another gallery's") }
    let (was, now) = (try source.fingerprint(old), try fingerprint(transaction))
    guard was?.digest == now?.digest else {
      throw GalleryError(
        .engineMismatch,
        "The gallery has embeddings of another engine than when everybody was removed; restore the kept copy instead."
      )
    }
    var people = 0
    var targets: [PersonID: PersonID] = [:]
    try old.scan(source.tables.persons) { number, bytes in
      let id = PersonID(rawValue: number)
      let record = try Self.decoding("the record of person \(id)") {
        try PersonRecord(decoding: bytes.withUnsafeBytes { Array($0) })
      }
      if try transaction.contains(number, in: tables.persons) {
        targets[id] = id
      } else if let other = try transaction.value(for: record.name, in: tables.personsByName) {
        targets[id] = PersonID(rawValue: other)
      } else {
        try transaction.put(record.encoded, for: number, in: tables.persons)
        try transaction.put(number, for: record.name, in: tables.personsByName, mode: .insert)
        for (key, value) in try source.tags(of: .person(id), old) {
          try setTag(key, value, of: .person(id), transaction)
        }
        targets[id] = id
        people += 1
      }
      return true
    }
    var faces = 0
    try source.forEachFace(old) { number, record in
      // Faces without a name were not removed with the people.
      guard record.person != .unnamed, try !transaction.contains(number, in: tables.faces) else {
        return true
      }
      guard let target = targets[record.person] else {
        throw Self.damaged("person \(record.person) of a kept copy is missing")
      }
      var record = record
      record.person = target
      guard try !isThere(record, transaction) else { return true }
      try takeBack(FaceID(rawValue: number), record, from: source, old, transaction)
      faces += 1
      return true
    }
    guard people + faces > 0 else { return (0, 0) }
    let counters = try source.counters(old)
    log.raise(person: counters.lastPerson, face: counters.lastFace)
    try transaction.removeAll(from: tables.changes)
    log.restart()
    return (people, faces)
  }

  private func takeBack(
    _ face: FaceID, _ record: FaceRecord, from source: Store, _ old: borrowing ReadTransaction,
    _ transaction: borrowing WriteTransaction
  ) throws {
    let key = face.rawValue
    guard let vector = try old.value(for: key, in: source.tables.vectors) else {
      throw Self.damaged("the vector of face \(face) of a kept copy is missing")
    }
    try transaction.put(record.encoded, for: key, in: tables.faces)
    try transaction.put(vector, for: key, in: tables.vectors)
    try transaction.put(key, for: record.person.rawValue, in: tables.facesByPerson)
    if let photo = record.photo { try transaction.put(key, for: photo.bytes, in: tables.facesBySource) }
    if let from = source.tables.thumbnails, let to = tables.thumbnails,
      let picture = try old.value(for: key, in: from)
    {
      try transaction.put(picture, for: key, in: to)
    }
    for (name, value) in try source.tags(of: .face(face), old) {
      try setTag(name, value, of: .face(face), transaction)
    }
  }

  /// Whether the person has this face of this photo under another number.
  private func isThere(_ record: FaceRecord, _ transaction: borrowing WriteTransaction) throws -> Bool {
    guard let photo = record.photo else { return false }
    return try faces(in: photo, transaction).contains { id in
      let other = try faceRecord(id, transaction)
      return other?.person == record.person && other?.detection?.box == record.detection?.box
    }
  }
}
