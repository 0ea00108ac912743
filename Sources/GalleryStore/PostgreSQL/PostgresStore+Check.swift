internal import FaceEngine
internal import Foundation
internal import PostgreSQL

extension PostgresStore {
  package func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport {
    if repair, isReadOnly { throw GalleryError.notWritable }
    var report = HealthReport()
    try told {
      let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \(PostgresSchema.head)"
      try transaction(begin) { session in
        var check = PostgresCheck()
        try check.run(PostgresSnapshot(session: session), progress)
        report = check.report
      }
    }
    return report
  }
}

/// Reads a gallery in PostgreSQL and notes what does not fit together.
///
/// References between people and faces, and that names are one person's, are the server's affair: what is looked at is what it does not know.
struct PostgresCheck {
  private(set) var report = HealthReport()

  mutating func run(
    _ snapshot: borrowing PostgresSnapshot, _ progress: ((Int, Int) -> Void)?
  ) throws {
    let (session, counters) = (snapshot.session, snapshot.counters())
    report.people = try session.number("SELECT count(*) FROM persons")
    let faces = try session.number("SELECT count(*) FROM faces")
    report.thumbnails = try snapshot.thumbnailCount()
    report.changes = try session.number("SELECT count(*) FROM changes")
    try checkPeople(snapshot)
    try checkFaces(snapshot, count: faces, progress)
    try checkStrays(session)
    let unnamed = try session.number("SELECT count(*) FROM faces WHERE person IS NULL")
    let counts = [report.people, faces, unnamed].map(Int64.init)
    if counts != [session.head.people, session.head.faces, session.head.unnamed] {
      note(.log, "the numbers of people and faces in table gallery are not those of the tables")
    }
    let lastPerson = try session.number("SELECT max(person) FROM persons")
    let lastFace = try session.number("SELECT max(face) FROM faces")
    if UInt64(lastPerson) > counters.lastPerson || UInt64(lastFace) > counters.lastFace {
      note(.log, "a number is in use that was not given out")
    }
    try checkLog(snapshot)
  }

  /// Notes damage, which a restored backup remedies.
  private mutating func note(
    _ part: HealthReport.Part, _ message: String, remedy: HealthReport.Remedy = .restore
  ) {
    let kind = message.filter { !$0.isNumber }
    let known = report.findings.firstIndex {
      $0.part == part && $0.message.filter { !$0.isNumber } == kind
    }
    if let known {
      report.findings[known].count += 1
    } else {
      report.findings.append(HealthReport.Finding(part: part, message: message, remedy: remedy))
    }
  }

  private mutating func checkPeople(_ snapshot: borrowing PostgresSnapshot) throws {
    do {
      _ = try snapshot.operatingPoint()
      _ = try snapshot.engineSpecification()
      _ = try snapshot.formerNames()
    } catch let error as GalleryError {
      note(.log, error.message)
    }
    var last: UInt64 = 0
    while true {
      let result = try snapshot.session.query(
        "SELECT person, name, name_key FROM persons WHERE person > $1 ORDER BY person LIMIT 5000", [.id(last)]
      )
      for row in 0..<result.count {
        last = UInt64(clamping: try result.number(row, 0))
        if result.bytes(row, 2) != NameKey(of: try result.string(row, 1)).bytes {
          note(.names, "the key of the name of person \(last) is not that of the name")
        }
      }
      if result.count < 5000 { break }
    }
    report.namesakes = try snapshot.namesakes().map { group in group.compactMap { try? snapshot.person($0) } }
  }

  /// Reads every face's record and vector.
  private mutating func checkFaces(
    _ snapshot: borrowing PostgresSnapshot, count: Int, _ progress: ((Int, Int) -> Void)?
  ) throws {
    let session = snapshot.session
    let dimension = (try? snapshot.fingerprint())?.dimension ?? 0
    let columns =
      session.vectors.map { ("embedding, checksum", "LEFT JOIN \($0) USING (face)") } ?? ("NULL, NULL", "")
    var last: UInt64 = 0
    while true {
      let result = try session.query(
        """
        SELECT face, detection, \(columns.0) FROM faces \(columns.1) WHERE face > $1 ORDER BY face LIMIT 1000
        """, [.id(last)])
      for row in 0..<result.count {
        let face = try result.face(row, 0)
        last = face.rawValue
        report.faces += 1
        if let place = result.bytes(row, 1), (try? DetectedFace(stored: place)) == nil {
          note(.faces, "the place of face \(face) in its photo is not what was written")
        }
        guard session.vectors != nil, let vector = try result.vector(row, 2) else {
          note(.vectors, "the vector of face \(face) is missing", remedy: .addAgain(face))
          continue
        }
        if try vector.count != 4 * dimension || result.integer(row, 3) != Int64(CRC32C.of(vector)) {
          note(.vectors, "the vector of face \(face) is not what was written", remedy: .addAgain(face))
        }
      }
      progress?(report.faces, count)
      if result.count < 1000 { return }
    }
  }

  /// Looks for what belongs to nobody.
  private mutating func checkStrays(_ session: PostgresSession) throws {
    var tables: [(table: String, part: HealthReport.Part, what: String)] = [
      ("thumbnails", .thumbnails, "a thumbnail is of a face that is not there"),
      ("groups", .groups, "a group has a face that is not there"),
    ]
    if let vectors = session.vectors {
      tables.append((vectors, .vectors, "a vector is of a face that is not there"))
    }
    for (table, part, what) in tables {
      let strays = try session.number(
        "SELECT count(*) FROM \(table) t WHERE NOT EXISTS (SELECT 1 FROM faces f WHERE f.face = t.face)")
      if strays > 0 { note(part, what) }
    }
    let tags = try session.number(
      """
      SELECT count(*) FROM tags WHERE kind = 1 AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.person = owner)
      OR kind = 2 AND NOT EXISTS (SELECT 1 FROM faces f WHERE f.face = owner)
      """)
    if tags > 0 { note(.tags, "a tag is of nobody who is there") }
    for (table, column) in [("removed_people", "people"), ("removed_faces", "faces")] {
      let wrong = try session.number(
        """
        SELECT count(*) FROM removals r WHERE \(column) <> (SELECT count(*) FROM \(table) t WHERE t.removal = r.number)
        """)
      if wrong > 0 { note(.removals, "a part of what is kept for undo is missing") }
    }
  }

  private mutating func checkLog(_ snapshot: borrowing PostgresSnapshot) throws {
    let counters = snapshot.counters()
    if UInt64(report.changes) != counters.sequence - min(counters.trimmed, counters.sequence) {
      return note(.log, "the change log does not reach from its begin to the last change")
    }
    do {
      var tag: UInt64?
      try snapshot.forEachChange(after: counters.trimmed) { _, change in tag = change.tag }
      if let tag, tag != counters.tag { note(.log, "the last change is not the one that was counted last") }
    } catch let error as GalleryError {
      note(.log, error.message)
    }
  }
}
