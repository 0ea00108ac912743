internal import FaceEngine
internal import Foundation
internal import PostgreSQL

// A gallery in PostgreSQL that is filled with another one's contents, in many transactions; the last one makes it a gallery.

extension PostgresStore {
  /// Runs `body` with a writer that numbers and logs nothing, and commits.
  func fill(_ body: (borrowing PostgresWriter) throws -> Void) throws {
    try told {
      try transaction("BEGIN; \(PostgresSchema.head) FOR UPDATE", caches: false) { session in
        let format = try session.number("SELECT format::bigint FROM gallery")
        guard Int64(format) == PostgresSchema.unfinished else {
          throw GalleryError(.replaced, "The copy at \(place) was completed by another program meanwhile.")
        }
        let log = ChangeLog(counters: session.head.counters, tag: 0)
        try body(PostgresWriter(session: session, log: log, tag: 0))
        try session.connection.flush()
        // Whether one without a reply was done is seen by what is there, when the copy goes on.
        try session.connection.commit()
      }
    }
  }
}

extension PostgresWriter {
  /// The last face that was copied; 0 before the first.
  func lastCopied() throws -> UInt64 { UInt64(try session.number("SELECT max(face) FROM faces")) }

  /// The numbers of the state that is being copied, as they were noted at its begin.
  func notedCounters() -> Counters { session.head.counters }

  /// Begins with the contents of a state: whatever was copied before is removed.
  func beginFilling(_ counters: Counters, _ fingerprint: EngineFingerprint?) throws {
    for table in ["thumbnails", "tags", "groups", "faces", "persons", "changes", "commits"] {
      try session.change("DELETE FROM \(table)")
    }
    try forgetRemovals()
    if let table = session.vectors { try session.define("DROP TABLE \(table)") }
    (session.people, session.faces, session.unnamed, session.generation) = (0, 0, 0, 0)
    session.fingerprint = nil
    if let fingerprint { try begin(fingerprint) }
    try noteFilling(counters)
  }

  /// Notes how much was copied.
  func noteFilling(_ counters: Counters) throws {
    try session.change(
      """
      UPDATE gallery SET sequence = $1, tag = $2, trimmed = $3, last_person = $4, last_face = $5, people = $6, faces = $7,
      unnamed = $8, generation = $9, fingerprint = $10, operating_point = $11, engine = $12
      """,
      [
        .id(counters.sequence), .integer(Int64(bitPattern: counters.tag)), .id(counters.trimmed),
        .id(counters.lastPerson), .id(counters.lastFace), .integer(session.people), .integer(session.faces),
        .integer(session.unnamed), .integer(session.generation), .optional(session.fingerprint),
        .optional(session.operatingPoint), .optional(session.engine),
      ])
  }

  func put(_ face: CopiedFace) throws {
    try put(face.record, face.vector, face.thumbnail, as: face.id)
    for (key, value) in face.tags { try setTag(key, value, of: .face(face.id)) }
    if let group = face.group { try setGroup(group, of: face.id) }
  }

  func put(_ person: CopiedPerson) throws {
    try insert(person.record, as: person.id)
    for (key, value) in person.tags { try setTag(key, value, of: .person(person.id)) }
  }

  func put(_ changes: [(sequence: UInt64, change: Change)]) throws {
    for (sequence, change) in changes {
      try session.change(
        "INSERT INTO changes (sequence, kind, face, person, tag) VALUES ($1, $2, $3, $4, $5)",
        [
          .id(sequence), .integer(Int64(change.kind.rawValue)), .id(change.face), .owner(change.person),
          .integer(Int64(bitPattern: change.tag)),
        ])
    }
  }

  func putEngine(_ point: OperatingPoint?, _ engine: EngineSpecification?) throws {
    let session = session
    if let point { session.operatingPoint = try Self.sealed(point) } else { session.operatingPoint = nil }
    if let engine { session.engine = try Self.sealed(engine) } else { session.engine = nil }
  }

  /// Has the server hold nobody to faces whose people are copied after them.
  func letPeopleComeLater() throws {
    try session.define("ALTER TABLE faces DROP CONSTRAINT IF EXISTS faces_person_fkey")
  }

  /// Makes the gallery one that everybody can open.
  func finishFilling(_ counters: Counters) throws {
    try noteFilling(counters)
    try session.define(
      "ALTER TABLE faces ADD CONSTRAINT faces_person_fkey FOREIGN KEY (person) REFERENCES persons")
    try session.change(
      """
      INSERT INTO commits (number, tag, sequence, people, faces, removals, removed_people, removed_faces, whole)
      VALUES (1, $1, $2, '{}', '{}', '{}', '{}', '{}', $3)
      """,
      [
        .integer(Int64.random(in: .min ... .max)), .id(counters.sequence),
        .integer(WrittenKeys.Whole.everything.rawValue),
      ])
    try session.change(
      "UPDATE gallery SET commits = 1, format = $1", [.integer(Int64(PostgresSchema.version))])
  }
}
