internal import LMDB

extension Store {
  /// Checks that the tables agree with each other, reading all of them.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` that names the first disagreement.
  func checkInvariants(_ transaction: borrowing ReadTransaction) throws {
    let counters = try counters(transaction)
    try checkPeople(counters, transaction)
    try checkFaces(counters, transaction)
    try checkLog(counters, transaction)
  }

  private func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw Self.damaged(what()) }
  }

  private func checkPeople(_ counters: Counters, _ transaction: borrowing ReadTransaction) throws {
    var people = 0
    try transaction.withCursor(in: tables.persons) { cursor in
      while try cursor.next() {
        let id = PersonID(rawValue: try cursor.key)
        let bytes = try cursor.value
        let record = try Self.decoding("the record of person \(id)") { try PersonRecord(decoding: bytes) }
        try require(
          transaction.value(for: record.name, in: tables.personsByName) == id.rawValue,
          "person \(id) is not found by name")
        try require(id.rawValue <= counters.lastPerson, "person \(id) has a number that was not given out")
        people += 1
      }
    }
    try require(transaction.count(of: tables.personsByName) == people, "names and people differ in number")
  }

  private func checkFaces(_ counters: Counters, _ transaction: borrowing ReadTransaction) throws {
    let dimension = try fingerprint(transaction)?.dimension ?? 0
    var faces = 0
    var withPhoto = 0
    try transaction.withCursor(in: tables.faces) { cursor in
      while try cursor.next() {
        let id = FaceID(rawValue: try cursor.key)
        let bytes = try cursor.value
        let record = try Self.decoding("the record of face \(id)") { try FaceRecord(decoding: bytes) }
        try require(
          transaction.contains(record.person.rawValue, in: tables.persons),
          "face \(id) is of person \(record.person), who is missing")
        try require(
          transaction.contains(id.rawValue, of: record.person.rawValue, in: tables.facesByPerson),
          "face \(id) is not listed with its person")
        if let photo = record.photo {
          withPhoto += 1
          try require(
            transaction.contains(id.rawValue, of: photo.bytes, in: tables.facesBySource),
            "face \(id) is not listed with its photo")
        }
        guard let vector = try vector(id, transaction) else { throw Self.damaged("face \(id) has no vector") }
        try require(vector.count == dimension, "the vector of face \(id) has \(vector.count) components")
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
        try require(abs(length - 1) < 1e-4, "the vector of face \(id) is not of unit length")
        try require(id.rawValue <= counters.lastFace, "face \(id) has a number that was not given out")
        faces += 1
      }
    }
    try require(transaction.count(of: tables.vectors) == faces, "vectors and faces differ in number")
    try require(transaction.count(of: tables.facesByPerson) == faces, "people list faces that are missing")
    try require(
      transaction.count(of: tables.facesBySource) == withPhoto, "photos list faces that are missing")
  }

  private func checkLog(_ counters: Counters, _ transaction: borrowing ReadTransaction) throws {
    var expected = counters.trimmed
    try forEachChange(after: 0, transaction) { sequence, _ in
      expected += 1
      try require(sequence == expected, "change \(expected) is missing from the log")
    }
    try require(expected == counters.sequence, "the change log ends before the last change")
  }
}
