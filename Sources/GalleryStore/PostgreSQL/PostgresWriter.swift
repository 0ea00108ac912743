internal import FaceEngine
internal import Foundation
internal import PostgreSQL

/// The write transaction of a ``PostgresStore``: keeps all tables in step, and notes each change for the log.
///
/// What changes something waits for the next question, with which it goes to the server.
struct PostgresWriter: PostgresReading, StoreWriter, ~Copyable {
  let session: PostgresSession
  let log: ChangeLog
  let tag: UInt64

  // MARK: The engine

  func settleEngine(_ identity: EngineIdentity?) throws -> Int {
    if let stored = try fingerprint() {
      if let identity {
        try EngineIdentity.check(
          identity.fingerprint, against: stored, named: identity.engine, storedAs: engineSpecification())
        try remember(identity)
      }
      return stored.dimension
    }
    guard let identity else { throw GalleryError.engineUnknown }
    try begin(identity.fingerprint)
    try remember(identity)
    return identity.fingerprint.dimension
  }

  /// Makes the table for an engine's vectors.
  func begin(_ fingerprint: EngineFingerprint) throws {
    session.generation += 1
    let table = PostgresSchema.vectors(session.generation)
    try session.define(
      """
      CREATE TABLE \(table)
      (face bigint PRIMARY KEY, embedding vector(\(fingerprint.dimension)) NOT NULL, checksum bigint NOT NULL)
      """)
    let text = try Self.sealed(fingerprint)
    session.fingerprint = text
  }

  static func sealed(_ value: some Encodable) throws -> String {
    String(decoding: try SealedJSON.encode(value), as: UTF8.self)
  }

  private func remember(_ identity: EngineIdentity) throws {
    let (point, engine) = (try operatingPoint(), try engineSpecification())
    try session.remember(identity, besides: point, engine, log)
  }

  func replaceVectors(
    of identity: EngineIdentity, _ vector: (FaceID, StoredFace) throws -> [UInt8]
  ) throws {
    let old = session.generation
    try begin(identity.fingerprint)
    try forEachFace { face, record in
      try insert(try vector(face, record), of: face)
      return true
    }
    if old > 0 {
      for generation in 1...old { try drop(PostgresSchema.vectors(generation)) }
    }
    session.written.whole.insert(.everything)
    // Groups are of the old embeddings' likeness.
    try session.change("DELETE FROM groups")
    try session.change("DELETE FROM changes")
    log.restart()
    (session.operatingPoint, session.engine) = (nil, nil)
    try remember(identity)
  }

  /// Drops a table of vectors. Where somebody who reads an older state uses it right now, it is emptied, which they do not see, and
  /// goes with the next change of engine.
  private func drop(_ table: String) throws {
    try session.define("SAVEPOINT dropping")
    do {
      try session.define("SET LOCAL lock_timeout = '2s'; DROP TABLE IF EXISTS \(table)")
      try session.define("SET LOCAL lock_timeout TO DEFAULT")
    } catch let error as PostgreSQLError where error.sqlstate == "55P03" {
      try session.define("ROLLBACK TO SAVEPOINT dropping; DELETE FROM \(table)")
    }
  }

  // MARK: People

  func insert(_ name: PersonName) throws -> PersonID {
    let id = log.newPerson()
    try insert(StoredPerson(name: name.text, created: .storable), as: id)
    return id
  }

  func insert(_ person: StoredPerson, as id: PersonID) throws {
    session.written.people.insert(id.rawValue)
    try session.change(
      "INSERT INTO persons (person, name, name_key, created, picture) VALUES ($1, $2, $3, $4, $5)",
      [
        .id(id.rawValue), .text(person.name), .bytes(NameKey(of: person.name).bytes), .time(person.created),
        person.picture.map { .id($0) } ?? .null(.integer),
      ])
    session.people += 1
  }

  func rename(_ id: PersonID, to name: PersonName) throws {
    guard let record = try personRecord(id) else { throw GalleryError.noSuchPerson(id) }
    guard record.name != name.text else { return }
    if let other = try person(named: name), other != id { throw GalleryError.nameTaken(name, by: other) }
    session.written.people.insert(id.rawValue)
    try session.change(
      "UPDATE persons SET name = $2, name_key = $3 WHERE person = $1",
      [.id(id.rawValue), .text(name.text), .bytes(NameKey(of: name.text).bytes)])
    log.note(.renamed, person: id)
  }

  func setPicture(_ face: FaceID?, of id: PersonID) throws {
    guard let record = try personRecord(id) else { throw GalleryError.noSuchPerson(id) }
    guard record.picture != face else { return }
    session.written.people.insert(id.rawValue)
    try session.change(
      "UPDATE persons SET picture = $2 WHERE person = $1",
      [.id(id.rawValue), face.map { .id($0) } ?? .null(.integer)])
    log.note(.renamed, person: id)
  }

  func removeEmptied(_ person: PersonID) throws {
    guard try contains(person) else { throw GalleryError.noSuchPerson(person) }
    session.written.people.insert(person.rawValue)
    try removeTags(of: .person(person))
    try session.change("DELETE FROM persons WHERE person = $1", [.id(person.rawValue)])
    session.people -= 1
    var names = try formerNames()
    if !names.isEmpty {
      names.forget(person)
      try setFormerNames(names)
    }
    log.note(.personRemoved, person: person)
  }

  func removeAllPeople() throws -> (people: Int, faces: Int) {
    let people = try session.numbers("SELECT person FROM persons ORDER BY person")
    let removed = try session.query(
      "SELECT face, person FROM faces WHERE person IS NOT NULL ORDER BY person, face")
    guard people.count + removed.count > 0 else { return (0, 0) }
    for row in 0..<removed.count {
      let face = try removed.face(row, 0)
      session.written.faces.insert(face.rawValue)
      log.note(.removed, face: face, person: try removed.owner(row, 1))
    }
    session.written.people.formUnion(people)
    let named = "(SELECT face FROM faces WHERE person IS NOT NULL)"
    if let table = session.vectors { try session.change("DELETE FROM \(table) WHERE face IN \(named)") }
    try session.change("DELETE FROM thumbnails WHERE face IN \(named)")
    try session.change("DELETE FROM tags WHERE kind = 1 OR owner IN \(named)")
    try session.change("DELETE FROM faces WHERE person IS NOT NULL")
    try session.change("DELETE FROM persons")
    try setFormerNames(FormerNames())
    for person in people { log.note(.personRemoved, person: PersonID(rawValue: person)) }
    session.faces -= Int64(removed.count)
    session.people = 0
    return (people.count, removed.count)
  }

  func setFormerNames(_ names: FormerNames) throws {
    try session.change(
      "UPDATE gallery SET former_names = $1", [.optional(names.isEmpty ? nil : try Self.sealed(names))])
  }

  // MARK: Faces

  func insert(_ face: StoredFace, vector: [UInt8], thumbnail: [UInt8]?) throws -> FaceID {
    guard let dimension = try fingerprint()?.dimension else { throw GalleryError.engineUnknown }
    guard vector.count == 4 * dimension else {
      throw GalleryError.wrongDimension(vector.count / 4, expected: dimension)
    }
    let id = log.newFace()
    try put(face, vector, thumbnail, as: id)
    log.note(.added, face: id, person: face.person)
    return id
  }

  func put(_ face: StoredFace, _ vector: [UInt8], _ thumbnail: [UInt8]?, as id: FaceID) throws {
    session.written.faces.insert(id.rawValue)
    try session.change(
      "INSERT INTO faces (face, person, added, photo, detection, path) VALUES ($1, $2, $3, $4, $5, $6)",
      [
        .id(id), .owner(face.person), .time(face.added), .optional(face.photo?.bytes),
        .optional(face.detection?.stored), .optional(face.path),
      ])
    try insert(vector, of: id)
    if let thumbnail {
      try session.change("INSERT INTO thumbnails (face, jpeg) VALUES ($1, $2)", [.id(id), .bytes(thumbnail)])
    }
    session.faces += 1
    if face.person == .unnamed { session.unnamed += 1 }
  }

  private func insert(_ vector: [UInt8], of face: FaceID) throws {
    guard let table = session.vectors else { throw GalleryError.engineUnknown }
    try session.change(
      "INSERT INTO \(table) (face, embedding, checksum) VALUES ($1, $2::vector, $3)",
      [.id(face), .vector(vector), .integer(Int64(CRC32C.of(vector)))])
  }

  func move(_ face: FaceID, to person: PersonID) throws {
    guard let stored = try faceRecord(face) else { throw GalleryError.noSuchFace(face) }
    guard stored.person != person else { return }
    session.written.faces.insert(face.rawValue)
    try session.change("UPDATE faces SET person = $2 WHERE face = $1", [.id(face), .owner(person)])
    if stored.person == .unnamed { session.unnamed -= 1 }
    if person == .unnamed { session.unnamed += 1 }
    try session.change("DELETE FROM groups WHERE face = $1", [.id(face)])
    log.note(.moved, face: face, person: person)
  }

  func setPath(_ path: String, of face: FaceID) throws {
    guard var stored = try faceRecord(face) else { throw GalleryError.noSuchFace(face) }
    log.touch(face: face)
    session.written.faces.insert(face.rawValue)
    stored.path = path
    try session.change("UPDATE faces SET path = $2 WHERE face = $1", [.id(face), .optional(stored.path)])
  }

  func remove(_ face: FaceID) throws {
    guard let record = try faceRecord(face) else { throw GalleryError.noSuchFace(face) }
    session.written.faces.insert(face.rawValue)
    try removeTags(of: .face(face))
    if let table = session.vectors {
      try session.change("DELETE FROM \(table) WHERE face = $1", [.id(face)])
    }
    try session.change("DELETE FROM thumbnails WHERE face = $1", [.id(face)])
    try session.change("DELETE FROM groups WHERE face = $1", [.id(face)])
    try session.change("DELETE FROM faces WHERE face = $1", [.id(face)])
    session.faces -= 1
    if record.person == .unnamed { session.unnamed -= 1 }
    log.note(.removed, face: face, person: record.person)
  }

  // MARK: Tags and groups

  func setTag(_ key: String, _ value: String?, of owner: TagOwner) throws {
    switch owner {
    case .face(let face):
      log.touch(face: face)
      session.written.faces.insert(face.rawValue)
    case .person(let person):
      log.touch()
      session.written.people.insert(person.rawValue)
    }
    let place: [SQLValue] = [.integer(owner.sqlKind), .id(owner.sqlNumber), .text(key)]
    guard let value else {
      return try session.change("DELETE FROM tags WHERE kind = $1 AND owner = $2 AND key = $3", place)
    }
    try session.change(
      """
      INSERT INTO tags (kind, owner, key, value, key_key, value_key) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (kind, owner, key) DO UPDATE SET value = EXCLUDED.value, value_key = EXCLUDED.value_key
      """,
      place + [.text(value), .bytes(NameKey(of: key).bytes), .bytes(NameKey(of: value).bytes)])
  }

  private func removeTags(of owner: TagOwner) throws {
    try session.change(
      "DELETE FROM tags WHERE kind = $1 AND owner = $2", [.integer(owner.sqlKind), .id(owner.sqlNumber)])
  }

  func noteTags(of person: PersonID) throws { log.note(.renamed, person: person) }

  func setGroups(_ groups: [[FaceID]]) throws {
    log.touch()
    session.written.whole.insert(.groups)
    let unnamed = Set(try faces(of: .unnamed))
    var (faces, numbers): ([UInt64], [UInt64]) = ([], [])
    for group in groups {
      let members = group.filter(unnamed.contains)
      guard let oldest = members.min() else { continue }
      faces += members.map(\.rawValue)
      numbers += members.map { _ in oldest.rawValue }
    }
    try session.change("DELETE FROM groups")
    try session.change(
      "INSERT INTO groups (face, number) SELECT * FROM unnest($1::bigint[], $2::bigint[])",
      [.ids(faces), .ids(numbers)])
  }

  func setGroup(_ group: UInt64, of face: FaceID) throws {
    log.touch(face: face)
    session.written.faces.insert(face.rawValue)
    try session.change(
      """
      INSERT INTO groups (face, number) VALUES ($1, $2) ON CONFLICT (face) DO UPDATE SET number = EXCLUDED.number
      """, [.id(face), .id(group)])
  }

  // MARK: Removals that can be undone

  func put(_ removal: Removal) throws {
    session.written.removals.insert(removal.number)
    try session.change(
      """
      INSERT INTO removals (number, removed, people, faces, engine_digest, engine_word) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (number) DO UPDATE SET removed = EXCLUDED.removed, people = EXCLUDED.people, faces = EXCLUDED.faces
      """,
      [
        .id(removal.number), .time(removal.removed), .integer(Int64(removal.people)),
        .integer(Int64(removal.faces)), .optional(removal.engine?.digest), .optional(removal.engine?.word),
      ])
  }

  func put(_ person: RemovedPerson, as id: PersonID) throws {
    session.written.removedPeople.insert(id.rawValue)
    try session.change(
      """
      INSERT INTO removed_people (person, removal, name_digest, record) VALUES ($1, $2, $3, $4)
      ON CONFLICT (person) DO UPDATE
      SET removal = EXCLUDED.removal, name_digest = EXCLUDED.name_digest, record = EXCLUDED.record
      """,
      [
        .id(id.rawValue), .id(person.removal), .text(FormerNames.digest(NameKey(of: person.record.name))),
        .bytes(person.encoded(as: id)),
      ])
  }

  func put(_ face: RemovedFace, as id: FaceID) throws {
    session.written.removedFaces.insert(id.rawValue)
    let digest = face.name.isEmpty ? nil : FormerNames.digest(NameKey(of: face.name))
    try session.change(
      """
      INSERT INTO removed_faces (face, removal, person, name_digest, photo, vector_checksum, record)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (face) DO UPDATE SET removal = EXCLUDED.removal,
      person = EXCLUDED.person, name_digest = EXCLUDED.name_digest, photo = EXCLUDED.photo,
      vector_checksum = EXCLUDED.vector_checksum, record = EXCLUDED.record
      """,
      [
        .id(id), .id(face.removal), .owner(face.record.person), .optional(digest),
        .optional(face.record.photo?.bytes), .integer(Int64(CRC32C.of(face.vector))),
        .bytes(face.encoded(as: id)),
      ])
  }

  func drop(removal number: UInt64) throws {
    session.written.removals.insert(number)
    try session.change("DELETE FROM removals WHERE number = $1", [.id(number)])
  }

  func drop(removedPerson id: PersonID) throws {
    session.written.removedPeople.insert(id.rawValue)
    try session.change("DELETE FROM removed_people WHERE person = $1", [.id(id.rawValue)])
  }

  func drop(removedFace id: FaceID) throws {
    session.written.removedFaces.insert(id.rawValue)
    try session.change("DELETE FROM removed_faces WHERE face = $1", [.id(id)])
  }

  func notePurge() { log.purge() }

  func forgetRemovals() throws {
    session.written.whole.insert(.removals)
    for table in ["removals", "removed_people", "removed_faces"] {
      try session.change("DELETE FROM \(table)")
    }
  }

  func bringBack(_ person: RemovedPerson, as id: PersonID) throws {
    try insert(person.record, as: id)
    for (key, value) in person.tags { try setTag(key, value, of: .person(id)) }
    log.noteReturn(of: id)
  }

  func bringBack(_ face: RemovedFace, as id: FaceID, of person: PersonID) throws {
    var record = face.record
    record.person = person
    try put(record, face.vector, face.thumbnail, as: id)
    for (key, value) in face.tags { try setTag(key, value, of: .face(id)) }
    if person == .unnamed, let group = face.group { try setGroup(group, of: id) }
    log.note(.added, face: id, person: person)
  }

  // MARK: The log

  var newCounters: Counters { log.counters }

  func trimChanges(through sequence: UInt64) throws {
    let last = min(sequence, log.counters.sequence)
    guard last > log.counters.trimmed else { return }
    try session.change("DELETE FROM changes WHERE sequence <= $1", [.id(last)])
    log.trim(through: last)
  }

  /// Writes what was noted, and the gallery's row, after everything else.
  ///
  /// - Returns: Whether there is anything to commit.
  func finish() throws -> Bool {
    guard session.hasChanged || !log.isEmpty else { return false }
    let (counters, commits) = (log.counters, session.head.commits + 1)
    let changes = log.numbered
    if !changes.isEmpty {
      try session.change(
        """
        INSERT INTO changes (sequence, kind, face, person, tag)
        SELECT s, k, f, nullif(p, -1), $5 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS c (s, k, f, p)
        """,
        [
          .ids(changes.map(\.sequence)), .integers(changes.map { Int64($0.change.kind.rawValue) }),
          .ids(changes.map(\.change.face.rawValue)), .ids(changes.map(\.change.person.rawValue)),
          .integer(Int64(bitPattern: tag)),
        ])
    }
    let written = session.written
    try session.change(
      """
      INSERT INTO commits (number, tag, sequence, people, faces, removals, removed_people, removed_faces, whole)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      """,
      [
        .integer(commits), .integer(Int64(bitPattern: tag)), .id(counters.sequence), .ids(written.people),
        .ids(written.faces), .ids(written.removals), .ids(written.removedPeople), .ids(written.removedFaces),
        .integer(written.whole.rawValue),
      ])
    try session.change(
      "DELETE FROM commits WHERE number <= $1", [.integer(commits - PostgresSchema.rememberedCommits)])
    try session.change(
      """
      UPDATE gallery SET commits = $1, sequence = $2, tag = $3, trimmed = $4, last_person = $5, last_face = $6,
      people = $7, faces = $8, unnamed = $9, generation = $10, fingerprint = $11, operating_point = $12, engine = $13
      """,
      [
        .integer(commits), .id(counters.sequence), .integer(Int64(bitPattern: counters.tag)),
        .id(counters.trimmed), .id(counters.lastPerson), .id(counters.lastFace), .integer(session.people),
        .integer(session.faces), .integer(session.unnamed), .integer(session.generation),
        .optional(session.fingerprint), .optional(session.operatingPoint), .optional(session.engine),
      ])
    // Told with the commit, and only then.
    try session.change("SELECT pg_notify($1, '')", [.text(PostgresSchema.channel(session.head.uuid))])
    try session.connection.flush()
    return true
  }
}

extension PostgresSession {
  /// Keeps what may change while the embeddings stay the same: where the weights lie, and the calibration.
  fileprivate func remember(
    _ identity: EngineIdentity, besides point: OperatingPoint?, _ specification: EngineSpecification?,
    _ log: ChangeLog
  ) throws {
    if let new = identity.operatingPoint, new.isCalibrated, new != point {
      operatingPoint = String(decoding: try SealedJSON.encode(new), as: UTF8.self)
      hasChanged = true
      log.touch()
    }
    if let new = identity.engine, new != specification {
      engine = String(decoding: try SealedJSON.encode(new), as: UTF8.self)
      hasChanged = true
      log.touch()
    }
  }
}
