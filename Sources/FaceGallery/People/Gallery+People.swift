public import FaceEngine
public import Foundation
internal import LMDB

extension Gallery {
  /// Everybody in the gallery, by name.
  ///
  /// - Complexity: O(*p*) for *p* people.
  public func people() throws(GalleryError) -> [Person] {
    try read { store, transaction in
      try transaction.withCursor(in: store.tables.personsByName) { cursor in
        var people: [Person] = []
        while try cursor.next() {
          people.append(
            try store.listedPerson(try cursor.key, PersonID(rawValue: try cursor.value), transaction))
        }
        return people
      }
    }
  }

  /// A page of the people in the gallery, by name.
  ///
  /// - Parameters:
  ///   - text: Only people with it in their name count, whatever the case and the accents; nil is all.
  ///   - name: The page begins after this name, which need not be anybody's: the last one of the page before. Nil begins
  ///     at the first.
  ///   - offset: How many people are left out then.
  ///   - limit: At most so many people are on the page.
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative offset or limit, `invalidName`.
  /// - Complexity: O(`limit` + log *p*) for *p* people; `offset` people more are walked over, and with `text` all names are
  ///   read: about a millisecond for ten thousand.
  public func people(
    containing text: String? = nil, after name: String? = nil, offset: Int = 0, limit: Int
  ) throws(GalleryError) -> PeoplePage {
    guard offset >= 0, limit >= 0 else {
      throw GalleryError(.invalidArgument, "A page of people begins at 0 or later and has 0 people or more.")
    }
    let start: String?
    if let name { start = try PersonName(name).text } else { start = nil }
    return try read { store, transaction in
      let (ids, total) =
        if let text {
          try store.people(containing: text, after: start, offset: offset, limit: limit, transaction)
        } else {
          (
            try store.people(after: start, offset: offset, limit: limit, transaction),
            try transaction.count(of: store.tables.personsByName)
          )
        }
      let people = try ids.map { id in
        guard let person = try store.person(id, transaction) else {
          throw Store.damaged("person \(id) is missing")
        }
        return person
      }
      return PeoplePage(total: total, people: people)
    }
  }

  /// A page of the faces of all people, older ones first, and how many there are altogether.
  ///
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative offset or limit.
  /// - Complexity: O(`limit` log *n*) for *n* faces, of whom `offset` are walked over.
  public func faces(offset: Int, limit: Int) throws(GalleryError) -> FacePage {
    guard offset >= 0, limit >= 0 else {
      throw GalleryError(.invalidArgument, "A page of faces begins at 0 or later and has 0 faces or more.")
    }
    return try read { store, transaction in
      let ids = try store.faces(offset: offset, limit: limit, transaction)
      let faces = try ids.map { id in
        guard let record = try store.faceRecord(id, transaction) else {
          throw Store.damaged("face \(id) is missing")
        }
        return record.enrolled(id)
      }
      let total = try transaction.count(of: store.tables.faces) - store.unnamedCount(transaction)
      return FacePage(total: total, faces: faces)
    }
  }

  /// The person with this name, which is normalised first; nil when there is none.
  ///
  /// - Throws: ``GalleryError``: `invalidName` for a name that nobody can have.
  public func person(named name: String) throws(GalleryError) -> Person? {
    let name = try PersonName(name)
    return try read { store, transaction in
      guard let id = try store.person(named: name, transaction) else { return nil }
      return try store.person(id, transaction)
    }
  }

  /// The person with this number; nil when there is none.
  public func person(_ id: PersonID) throws(GalleryError) -> Person? {
    try read { store, transaction in try store.person(id, transaction) }
  }

  /// The faces of a person, older ones first.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  public func faces(of person: PersonID) throws(GalleryError) -> [EnrolledFace] {
    try read { store, transaction in
      guard try transaction.contains(person.rawValue, in: store.tables.persons) else {
        throw Store.noSuchPerson(person)
      }
      return try store.faceRecords(of: person, transaction).map { $1.enrolled($0) }
    }
  }

  /// The face with this number; nil when there is none.
  public func face(_ id: FaceID) throws(GalleryError) -> EnrolledFace? {
    try read { store, transaction in try store.faceRecord(id, transaction)?.enrolled(id) }
  }

  /// The embedding of a face; nil when there is no such face.
  public func embedding(of face: FaceID) throws(GalleryError) -> Embedding? {
    try read { store, transaction in
      guard let vector = try store.vector(face, transaction) else { return nil }
      try store.checkVectors(of: CollectionOfOne(face.rawValue), transaction)
      return try Embedding(normalizing: vector)
    }
  }

  /// The picture of a face as it was kept when it was added: a JPEG file, upright, at most 320 pixels a side,
  /// with the face in its middle. Nil when none was kept (``EnrolmentOptions/keepThumbnails``) or there is no such
  /// face.
  public func thumbnail(of face: FaceID) throws(GalleryError) -> Data? {
    try read { store, transaction in
      try store.picture(of: face, transaction).map { Data($0) }
    }
  }

  /// Makes a person of whom there are no faces yet.
  ///
  /// - Throws: ``GalleryError``: `invalidName`, `nameTaken`.
  @discardableResult
  public func addPerson(named name: String) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    return try write { store, transaction, log in
      guard try store.person(named: name, transaction) == nil else {
        throw GalleryError(.nameTaken, "“\(name.text)” is in the gallery already; choose another name.")
      }
      return try Self.existing(try store.insert(name, transaction, &log), store, transaction)
    }
  }

  /// Gives a person another name.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`, `invalidName`, `nameTaken` (then ``merge(_:into:)`` may be
  ///   what is meant).
  @discardableResult
  public func rename(_ person: PersonID, to name: String) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    return try write { store, transaction, log in
      try store.rename(person, to: name, transaction, &log)
      return try Self.existing(person, store, transaction)
    }
  }

  /// Moves all faces of `source` to `target`, who keeps name and number, and removes `source`.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  /// - Complexity: O(*f* log *n*) for *f* faces of `source`; the index is not touched.
  @discardableResult
  public func merge(_ source: PersonID, into target: PersonID) throws(GalleryError) -> Person {
    try write { store, transaction, log in
      try store.merge(source, into: target, transaction, &log)
      return try Self.existing(target, store, transaction)
    }
  }

  /// Removes a person with all faces, and says how many there were.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  @discardableResult
  public func remove(_ person: PersonID) throws(GalleryError) -> Int {
    try write { store, transaction, log in try store.remove(person, transaction, &log) }
  }

  /// Removes people with all their faces in one step: all of them, or, when this throws, nobody.
  ///
  /// - Returns: How many faces there were.
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  @discardableResult
  public func remove(_ people: some Sequence<PersonID>) throws(GalleryError) -> Int {
    let people = Set(people).sorted()
    return try write { store, transaction, log in
      var faces = 0
      for person in people { faces += try store.remove(person, transaction, &log) }
      return faces
    }
  }

  /// Removes a face; its person stays, also without faces.
  ///
  /// - Throws: ``GalleryError``: `noSuchFace`.
  public func remove(_ face: FaceID) throws(GalleryError) {
    try write { store, transaction, log in try store.remove(face, transaction, &log) }
  }

  /// Removes faces in one step: all of them, or, when this throws, none; their people stay, also without faces.
  ///
  /// - Throws: ``GalleryError``: `noSuchFace`.
  public func remove(_ faces: some Sequence<FaceID>) throws(GalleryError) {
    let faces = Set(faces).sorted()
    try write { store, transaction, log in
      for face in faces { try store.remove(face, transaction, &log) }
    }
  }

  static func existing(
    _ id: PersonID, _ store: Store, _ transaction: borrowing WriteTransaction
  ) throws -> Person {
    guard let person = try store.person(id, transaction) else { throw Store.noSuchPerson(id) }
    return person
  }
}
