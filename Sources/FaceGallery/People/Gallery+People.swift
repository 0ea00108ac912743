public import FaceEngine
internal import Foundation
internal import GalleryStore

extension Gallery {
  /// Everybody in the gallery, by name.
  ///
  /// - Complexity: O(*p*) for *p* people.
  public func people() throws(GalleryError) -> [Person] {
    try read { snapshot in try snapshot.people() }
  }

  /// A page of the people in the gallery, by name.
  ///
  /// - Parameters:
  ///   - text: Only people with all of its words in their name count, whatever their order, the case and the accents; nil is all.
  ///   - name: The page begins after this name, which need not be anybody's: the last one of the page before. Nil begins
  ///     at the first.
  ///   - offset: How many people are left out then.
  ///   - limit: At most so many people are on the page.
  ///   - conditions: Only people who are tagged so themselves count.
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative offset or limit, or a condition that no tag can meet, `invalidName`.
  /// - Complexity: O(`limit` + log *p*) for *p* people; `offset` people more are walked over, and with `text` or conditions all names are
  ///   read: some milliseconds for ten thousand.
  public func people(
    containing text: String? = nil, after name: String? = nil, offset: Int = 0, limit: Int,
    tagged conditions: [TagCondition] = []
  ) throws(GalleryError) -> PeoplePage {
    guard offset >= 0, limit >= 0 else {
      throw GalleryError(.invalidArgument, "A page of people begins at 0 or later and has 0 people or more.")
    }
    let start: String?
    if let name { start = try PersonName(name).text } else { start = nil }
    let words = text?.split(whereSeparator: \.isWhitespace)
    return try read { snapshot in
      var tagged: Set<PersonID>?
      for condition in conditions {
        let people = Set(try snapshot.people(meeting: condition))
        tagged = tagged?.intersection(people) ?? people
      }
      let (ids, total) =
        if words != nil || tagged != nil {
          try snapshot.people(after: start, offset: offset, limit: limit) { name, id in
            if let tagged, !tagged.contains(id) { return false }
            return words?.allSatisfy {
              name.range(of: $0, options: [.caseInsensitive, .diacriticInsensitive]) != nil
            } ?? true
          }
        } else {
          (
            try snapshot.people(after: start, offset: offset, limit: limit), try snapshot.personCount()
          )
        }
      let people = try ids.map { id in
        guard let person = try snapshot.person(id) else {
          throw GalleryError.damaged("person \(id) is missing")
        }
        return person
      }
      return PeoplePage(total: total, people: people)
    }
  }

  /// A page of the faces of all people, older ones first, and how many there are altogether.
  ///
  /// - Parameters:
  ///   - face: The page begins after this face, which need not be there: the last one of the page before. Nil begins at the first.
  ///   - offset: How many faces are left out then.
  ///   - limit: At most so many faces are on the page.
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative offset or limit.
  /// - Complexity: O(`limit` log *n*) for *n* faces, of whom `offset` are walked over.
  public func faces(after face: FaceID? = nil, offset: Int = 0, limit: Int) throws(GalleryError) -> FacePage {
    guard offset >= 0, limit >= 0 else {
      throw GalleryError(.invalidArgument, "A page of faces begins at 0 or later and has 0 faces or more.")
    }
    return try read { snapshot in
      let faces = try snapshot.namedFaces(after: face, offset: offset, limit: limit)
        .map { try snapshot.storedRecord($0).enrolled($0) }
      let total = try snapshot.faceCount() - snapshot.faceCount(of: .unnamed)
      return FacePage(total: total, faces: faces)
    }
  }

  /// The person with this number; nil when there is none.
  public func person(_ id: PersonID) throws(GalleryError) -> Person? {
    try read { snapshot in try snapshot.person(id) }
  }

  /// The faces of a person, older ones first.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  public func faces(of person: PersonID) throws(GalleryError) -> [EnrolledFace] {
    try read { snapshot in
      guard try snapshot.contains(person) else { throw GalleryError.noSuchPerson(person) }
      return try snapshot.faceRecords(of: person).map { $1.enrolled($0) }
    }
  }

  /// A page of the faces of a person, older ones first, and how many there are altogether.
  ///
  /// - Parameters:
  ///   - person: Whose faces.
  ///   - face: The page begins after this face, which need not be there: the last one of the page before. Nil begins at the first.
  ///   - offset: How many faces are left out then.
  ///   - limit: At most so many faces are on the page.
  ///   - conditions: Only faces that meet all of these count, by their own tags or the person's.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `invalidArgument` for a negative offset or limit, or a condition that no tag can meet.
  /// - Complexity: O(*f* + `limit` log *n*) for *f* faces of the person, without reading their records.
  public func faces(
    of person: PersonID, after face: FaceID? = nil, offset: Int = 0, limit: Int,
    where conditions: [TagCondition] = []
  ) throws(GalleryError) -> FacePage {
    guard offset >= 0, limit >= 0 else {
      throw GalleryError(.invalidArgument, "A page of faces begins at 0 or later and has 0 faces or more.")
    }
    return try read { snapshot in
      guard try snapshot.contains(person) else { throw GalleryError.noSuchPerson(person) }
      var faces = try snapshot.faces(of: person)
      if !conditions.isEmpty {
        let filter = try snapshot.faces(matching: conditions)
        faces.removeAll { !filter.contains($0.rawValue) }
      }
      let rest = face.map { last in faces.drop { $0 <= last } } ?? faces[...]
      return FacePage(
        total: faces.count,
        faces: try rest.dropFirst(offset).prefix(limit).map { try snapshot.storedRecord($0).enrolled($0) })
    }
  }

  /// The face with this number; nil when there is none.
  public func face(_ id: FaceID) throws(GalleryError) -> EnrolledFace? {
    try read { snapshot in try snapshot.faceRecord(id)?.enrolled(id) }
  }

  /// The embedding of a face; nil when there is no such face.
  public func embedding(of face: FaceID) throws(GalleryError) -> Embedding? {
    try read { snapshot in
      guard let vector = try snapshot.vector(of: face) else { return nil }
      try snapshot.verifyVectors(of: [face.rawValue])
      return try Embedding(normalizing: vector)
    }
  }

  /// Makes a person of whom there are no faces yet.
  ///
  /// - Throws: ``GalleryError``: `invalidName`, `nameTaken`.
  @discardableResult
  public func addPerson(named name: String) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    return try write { writer in
      guard try writer.person(named: name) == nil else {
        throw GalleryError(.nameTaken, "“\(name.text)” is in the gallery already; choose another name.")
      }
      return try writer.existing(try writer.insert(name))
    }
  }

  /// Gives a person another name.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`, `invalidName`, `nameTaken` (then ``merge(_:into:)`` may be
  ///   what is meant).
  @discardableResult
  public func rename(_ person: some PersonReference, to name: String) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    return try write { writer in
      let person = try writer.verified(person)
      try writer.changeName(of: person, to: name)
      return try writer.existing(person)
    }
  }

  /// Moves all faces of `source` to `target`, who keeps name and number, and removes `source`.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  /// - Complexity: O(*f* log *n*) for *f* faces of `source`; the index is not touched.
  @discardableResult
  public func merge(
    _ source: some PersonReference, into target: some PersonReference
  ) throws(GalleryError) -> Person {
    try write { writer in
      let target = try writer.verified(target)
      try writer.merge(try writer.verified(source), into: target)
      return try writer.existing(target)
    }
  }
}
