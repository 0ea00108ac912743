internal import FaceEngine
internal import PostgreSQL

// What a copy in files asks for: whole rows, many at a time.

extension PostgresReading where Self: ~Copyable {
  // MARK: Commits

  /// The last commit.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` when it is not in the table of commits.
  func mark() throws -> CommitMark {
    let number = session.head.commits
    if number == 0 { return .none }
    guard let tag = try tags(of: number...number)[number] else {
      throw GalleryError.damaged("commit \(number) is missing from the table of commits")
    }
    return CommitMark(number: number, tag: tag)
  }

  /// The tags of the commits with these numbers that are remembered.
  func tags(of numbers: ClosedRange<Int64>) throws -> [Int64: UInt64] {
    let result = try session.query(
      "SELECT number, tag FROM commits WHERE number BETWEEN $1 AND $2",
      [.integer(numbers.lowerBound), .integer(numbers.upperBound)])
    var tags: [Int64: UInt64] = [:]
    for row in 0..<result.count {
      tags[try result.number(row, 0)] = UInt64(bitPattern: try result.number(row, 1))
    }
    return tags
  }

  /// The commits after one, in their order; nil when the first of them is not remembered any more.
  func commits(after number: Int64) throws -> [FollowedCommit]? {
    let result = try session.query(
      """
      SELECT number, tag, sequence, whole, people, faces, removals, removed_people, removed_faces FROM commits
      WHERE number > $1 ORDER BY number
      """, [.integer(number)])
    guard Int64(result.count) == session.head.commits - number else { return nil }
    var commits: [FollowedCommit] = []
    for row in 0..<result.count {
      let written = WrittenKeys(
        people: try result.keys(row, 4), faces: try result.keys(row, 5), removals: try result.keys(row, 6),
        removedPeople: try result.keys(row, 7), removedFaces: try result.keys(row, 8),
        whole: WrittenKeys.Whole(rawValue: try result.number(row, 3)))
      commits.append(
        FollowedCommit(
          mark: CommitMark(
            number: try result.number(row, 0), tag: UInt64(bitPattern: try result.number(row, 1))),
          sequence: UInt64(clamping: try result.number(row, 2)), written: written))
    }
    return commits
  }

  // MARK: Rows

  /// The faces of these numbers that are there.
  func copiedFaces(_ faces: [UInt64]) throws -> [CopiedFace] {
    try copiedFaces("faces.face = ANY($1)", [.ids(faces)], tags: "owner = ANY($1)", [.ids(faces)])
  }

  /// Some faces after one, older ones first.
  func copiedFaces(after face: UInt64, limit: Int) throws -> [CopiedFace] {
    // The tags of those that are read are asked for when their numbers are known.
    let result = try session.query(
      "SELECT face FROM faces WHERE face > $1 ORDER BY face LIMIT $2",
      [.id(face), .integer(Int64(limit))])
    var faces: [UInt64] = []
    for row in 0..<result.count { faces.append(try result.face(row, 0).rawValue) }
    guard let last = faces.last else { return [] }
    return try copiedFaces(
      "faces.face > $1 AND faces.face <= $2", [.id(face), .id(last)], tags: "owner > $1 AND owner <= $2",
      [.id(face), .id(last)])
  }

  private func copiedFaces(
    _ condition: String, _ values: [SQLValue], tags tagCondition: String, _ tagValues: [SQLValue]
  ) throws -> [CopiedFace] {
    guard let table = session.vectors else { return [] }
    let tags = try tags(ofKind: TagOwner.face(FaceID(rawValue: 0)).sqlKind, tagCondition, tagValues)
    let result = try session.query(
      """
      SELECT \(Self.faceColumns), embedding, checksum, jpeg, number FROM faces
      LEFT JOIN \(table) USING (face) LEFT JOIN thumbnails USING (face) LEFT JOIN groups USING (face)
      WHERE \(condition) ORDER BY face
      """, values)
    var faces: [CopiedFace] = []
    faces.reserveCapacity(result.count)
    for row in 0..<result.count {
      let id = try result.face(row, 0)
      faces.append(
        CopiedFace(
          id: id, record: try result.storedFace(row), vector: try result.verifiedVector(row, 6, of: id),
          thumbnail: result.bytes(row, 8), tags: tags[id.rawValue] ?? [:],
          group: try result.integer(row, 9).map { UInt64(clamping: $0) }))
    }
    return faces
  }

  /// The people of these numbers who are there.
  func copiedPeople(_ people: [UInt64]) throws -> [CopiedPerson] {
    try copiedPeople("person = ANY($1)", [.ids(people)], tags: "owner = ANY($1)", [.ids(people)])
  }

  /// Some people after one, older ones first.
  func copiedPeople(after person: UInt64, limit: Int) throws -> [CopiedPerson] {
    let people = try session.numbers(
      "SELECT person FROM persons WHERE person > $1 ORDER BY person LIMIT $2",
      [.id(person), .integer(Int64(limit))])
    return people.isEmpty ? [] : try copiedPeople(people)
  }

  private func copiedPeople(
    _ condition: String, _ values: [SQLValue], tags tagCondition: String, _ tagValues: [SQLValue]
  ) throws -> [CopiedPerson] {
    let tags = try tags(ofKind: TagOwner.person(.unnamed).sqlKind, tagCondition, tagValues)
    let result = try session.query(
      "SELECT person, name, created, picture FROM persons WHERE \(condition) ORDER BY person", values)
    var people: [CopiedPerson] = []
    for row in 0..<result.count {
      let id = try result.owner(row, 0)
      people.append(
        CopiedPerson(id: id, record: try result.person(row, 1), tags: tags[id.rawValue] ?? [:]))
    }
    return people
  }

  private func tags(
    ofKind kind: Int64, _ condition: String, _ values: [SQLValue]
  ) throws -> [UInt64: [String: String]] {
    // The values of the condition come first.
    let result = try session.query(
      "SELECT owner, key, value FROM tags WHERE \(condition) AND kind = $\(values.count + 1)",
      values + [.integer(kind)])
    var tags: [UInt64: [String: String]] = [:]
    for row in 0..<result.count {
      tags[UInt64(clamping: try result.number(row, 0)), default: [:]][try result.string(row, 1)] =
        try result.string(row, 2)
    }
    return tags
  }

  /// The people whom removals keep: of these numbers, or all.
  func copiedRemovedPeople(_ people: [UInt64]?) throws -> [(id: PersonID, person: RemovedPerson)] {
    let result = try session.query(
      "SELECT person, record FROM removed_people\(people == nil ? "" : " WHERE person = ANY($1)") ORDER BY person",
      people.map { [.ids($0)] } ?? [])
    var removed: [(id: PersonID, person: RemovedPerson)] = []
    for row in 0..<result.count {
      let id = try result.owner(row, 0)
      do {
        removed.append((id, try RemovedPerson(decoding: result.bytes(row, 1) ?? [], of: id)))
      } catch {
        throw GalleryError.damagedRemoval("person \(id) of a removal")
      }
    }
    return removed
  }

  /// The faces that removals keep: some after one, or those of these numbers.
  func copiedRemovedFaces(
    _ faces: [UInt64]?, after face: UInt64 = 0, limit: Int = .max
  ) throws -> [(id: FaceID, face: RemovedFace)] {
    let result = try session.query(
      "SELECT face, record FROM removed_faces WHERE face > $1 AND "
        + (faces == nil ? "$2" : "face = ANY($2)") + " ORDER BY face LIMIT $3",
      [.id(face), faces.map { .ids($0) } ?? .flag(true), .integer(Int64(clamping: limit))])
    var removed: [(id: FaceID, face: RemovedFace)] = []
    for row in 0..<result.count {
      let id = try result.face(row, 0)
      do {
        removed.append((id, try RemovedFace(decoding: result.bytes(row, 1) ?? [], of: id)))
      } catch {
        throw GalleryError.damagedRemoval("face \(id) of a removal")
      }
    }
    return removed
  }

  /// The list of former names as it is stored; nil for none.
  func storedFormerNames() throws -> String? {
    let result = try session.query("SELECT former_names FROM gallery")
    return result.count == 0 ? nil : try result.text(0, 0)
  }
}

extension QueryResult {
  /// The numbers of an array.
  fileprivate func keys(_ row: Int, _ column: Int) throws -> Set<UInt64> {
    Set(try integers(row, column).map { UInt64(clamping: $0) })
  }
}
