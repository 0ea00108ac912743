package import FaceEngine
internal import Foundation
package import Support

/// One state of a store: what its functions say fits together, and to what was committed up to its last change.
///
/// Vectors are given where they lie, never copied: 4 bytes a component, float32, little-endian, unit length, aligned to two
/// bytes at best, good until the closure that gets them returns.
///
/// What cannot be what was written is thrown as a ``GalleryError`` with code `damaged`.
package protocol StoreSnapshot: ~Copyable {
  // MARK: The store

  /// Names the state: two snapshots of a store with the same number see the same.
  var number: Int { get }

  /// The numbers that every change moves.
  func counters() throws -> Counters

  /// Tells apart what the numbers of changes are of: in a copy that follows a server it becomes another one when the server has lost changes, or
  /// the copy was made anew. What was remembered of another history is forgotten.
  func history() throws -> UInt64

  /// Whose embeddings the store holds; nil before the first face.
  func fingerprint() throws -> EngineFingerprint?

  /// That engine's measured thresholds, where it is calibrated.
  func operatingPoint() throws -> OperatingPoint?

  /// How that engine is made again; nil for one that a program brought.
  func engineSpecification() throws -> EngineSpecification?

  /// The room that the store takes.
  func space() throws -> StoreSpace

  /// The names that people had before.
  func formerNames() throws -> FormerNames

  // MARK: People

  /// How many people there are.
  func personCount() throws -> Int

  /// Whether there is a person with this number.
  func contains(_ person: PersonID) throws -> Bool

  /// A person's record; nil when there is none.
  func personRecord(_ id: PersonID) throws -> StoredPerson?

  /// Who has a name as it is written; nil when nobody has.
  func person(exactly name: PersonName) throws -> PersonID?

  /// Everybody whose names have a key, older people first: one at most, but in galleries that were filled before names were
  /// compared by keys.
  func people(withKey key: NameKey) throws -> [PersonID]

  /// People whose names have one key, older ones first; each group has two or more.
  func namesakes() throws -> [[PersonID]]

  /// Calls `body` with the people after a name, by name, until it returns false.
  ///
  /// - Parameter name: Need not be anybody's; nil begins at the first.
  func forEachPerson(after name: String?, _ body: (String, PersonID) throws -> Bool) throws

  // MARK: Faces

  /// How many faces there are, with and without a name.
  func faceCount() throws -> Int

  /// How many faces a person has; those of ``PersonID/unnamed`` are the faces without a name.
  func faceCount(of person: PersonID) throws -> Int

  /// Whether there is a face with this number.
  func contains(_ face: FaceID) throws -> Bool

  /// A face's record; nil when there is none.
  func faceRecord(_ id: FaceID) throws -> StoredFace?

  /// The faces of a person, older ones first.
  func faces(of person: PersonID) throws -> [FaceID]

  /// The faces that were found in a photo, older ones first.
  func faces(in photo: PhotoDigest) throws -> [FaceID]

  /// A page of the faces that are somebody's, older ones first, from the one after a face; nil begins at the first.
  func namedFaces(after face: FaceID?, offset: Int, limit: Int) throws -> [FaceID]

  /// Calls `body` with every face's record, older ones first, until it returns false.
  func forEachFace(_ body: (FaceID, StoredFace) throws -> Bool) throws

  /// Calls `body` with every face and whose it is, person by person.
  func forEachOwner(_ body: (FaceID, PersonID) throws -> Void) throws

  /// How many thumbnails of faces are kept.
  func thumbnailCount() throws -> Int

  /// Whether a thumbnail of a face is kept.
  func hasThumbnail(of face: FaceID) throws -> Bool

  /// The thumbnail of a face, a JPEG file; nil when none is kept.
  func thumbnail(of face: FaceID) throws -> [UInt8]?

  // MARK: Vectors

  /// Calls `body` with a face's vector; false, without a call, when there is none.
  func withVector(of face: UInt64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool

  /// Calls `body` with the vectors of the faces from a number on, older ones first, until it returns false.
  func forEachVector(from first: UInt64, _ body: (UInt64, UnsafeRawBufferPointer) throws -> Bool) throws

  /// Calls `body` with the vectors of the faces in a range of numbers, older ones first, some dozens at a time: the fastest
  /// way over many.
  func forEachBatch(
    of faces: ClosedRange<UInt64>, _ body: (UnsafeBufferPointer<NumberedBytes>) throws -> Void) throws

  /// Makes sure that the vectors of faces are what was written.
  func verifyVectors(of faces: [UInt64]) throws

  /// Calls `body` with every face, older ones first: record, and vector, which is made sure to be what was written.
  func forEachEmbedding(_ body: (FaceID, StoredFace, UnsafeRawBufferPointer) throws -> Void) throws

  // MARK: Search

  /// Has the store itself look for what is most similar to a unit vector, among the faces that have a name, and calls `body` with face, person and
  /// vector of what it finds: the best `limit` faces; or, person by person, the faces of the best `limit` people that are as similar as the
  /// best of the person, or nearly. Which of them are the best is told by the vectors.
  ///
  /// - Parameters:
  ///   - faces: Only these are looked at; nil is all.
  ///   - byPerson: Whether people are looked for.
  /// - Returns: What is said of all others; nil, without a call, from a store that has no search of its own.
  /// - Complexity: O(*n*) in the store.
  func nearest(
    to query: [Float], among faces: [UInt64]?, limit: Int, byPerson: Bool,
    _ body: (UInt64, PersonID, UnsafeRawBufferPointer) throws -> Void
  ) throws -> NearestRest?

  // MARK: Tags and groups

  /// Whether any person or face is tagged with something.
  func hasTags() throws -> Bool

  /// Everything that a person or a face is tagged with; tags have empty values.
  func tags(of owner: TagOwner) throws -> [String: String]

  /// Who is tagged with a key, and with a value of it when that is given; both are compared as names are.
  ///
  /// - Complexity: O(*v* log *n*) for *v* values that the key has.
  func people(tagged key: String, _ value: String?) throws -> [PersonID]

  /// Which faces are tagged so themselves; otherwise as for people.
  func faces(tagged key: String, _ value: String?) throws -> [FaceID]

  /// The faces of each group of faces without a name, older ones first, by the group's number.
  func groups() throws -> [UInt64: [FaceID]]

  // MARK: Removals that can be undone

  /// Whether anything is kept of removals.
  func keepsRemoved() throws -> Bool

  /// The removals of which something is kept, older ones first, without those that are not what was written.
  func removals() throws -> [Removal]

  /// The number of the latest removal, whether or not it is what was written; nil when there is none.
  func latestRemoval() throws -> UInt64?

  /// A removal of which something is kept; nil when there is none of this number.
  func removal(_ number: UInt64) throws -> Removal?

  /// The people whom a removal keeps, older ones first.
  func removedPeople(of removal: UInt64) throws -> [PersonID]

  /// The faces that a removal keeps, older ones first.
  func removedFaces(of removal: UInt64) throws -> [FaceID]

  /// A person whom a removal keeps; nil when none does.
  func removedPerson(_ id: PersonID) throws -> RemovedPerson?

  /// A face that a removal keeps; nil when none does.
  func removedFace(_ id: FaceID) throws -> RemovedFace?

  /// The people whom any removal keeps and whose names have a key of this digest, older ones first; see ``FormerNames/digest(_:)``.
  func removedPeople(named digest: String) throws -> [PersonID]

  /// The faces of a person that any removal keeps, older ones first; as by the other marks with those that are not what was written.
  func removedFaces(of person: PersonID) throws -> [FaceID]

  /// The faces that any removal keeps of people whose names had a key of this digest, older ones first.
  func removedFaces(named digest: String) throws -> [FaceID]

  /// The faces that any removal keeps and that were found in a photo, older ones first.
  func removedFaces(in photo: PhotoDigest) throws -> [FaceID]

  /// The faces that any removal keeps and that may have this vector, older ones first.
  func removedFaces(withVector vector: [UInt8]) throws -> [FaceID]

  // MARK: The log

  /// A change that the log still holds; nil for others.
  func change(_ sequence: UInt64) throws -> Change?

  /// Calls `body` with the changes after a number, in order, at most `limit` of them.
  func forEachChange(after sequence: UInt64, limit: Int, _ body: (UInt64, Change) throws -> Void) throws

  // MARK: Copies

  /// Some faces after one, older ones first, each with all that is known of it: at most `limit`, and fewer at the end only.
  func copiedFaces(after face: UInt64, limit: Int) throws -> [CopiedFace]

  /// Some people after one likewise.
  func copiedPeople(after person: UInt64, limit: Int) throws -> [CopiedPerson]

  // MARK: Hints

  /// Has what will be read soon brought into memory, without waiting for it.
  func prefetch(_ part: StorePart)
}

/// What a search of a store says of all faces, or people, that it did not find.
package struct NearestRest {
  /// None of them is more similar; minus infinity when there are none.
  package let similarity: Float
}

/// What can be prefetched.
package enum StorePart {
  /// Vectors of faces.
  case vectors(of: [UInt64])
  /// Vectors of the faces in a range of numbers.
  case vectorRange(Range<UInt64>)
  /// Records of faces.
  case records(of: [UInt64])
  /// The lists of the faces of people.
  case faces(ofPeople: [UInt64])
  /// Entries of the log.
  case changes(Range<UInt64>)
}

/// The room that a store takes.
package struct StoreSpace {
  /// Bytes of its file, or of memory.
  package var used: Int
  /// Bytes of it that nothing uses.
  package var free: Int
}

extension StoreSnapshot where Self: ~Copyable {
  package func history() throws -> UInt64 { 0 }

  package func prefetch(_ part: StorePart) {}

  package func nearest(
    to query: [Float], among faces: [UInt64]?, limit: Int, byPerson: Bool,
    _ body: (UInt64, PersonID, UnsafeRawBufferPointer) throws -> Void
  ) throws -> NearestRest? { nil }

  package func forEachChange(
    after sequence: UInt64, _ body: (UInt64, Change) throws -> Void
  ) throws {
    try forEachChange(after: sequence, limit: .max, body)
  }

  // MARK: People

  /// Who has a name: as it is written or, when nobody has, the oldest of those whose names have its key; nil when nobody has.
  package func person(named name: PersonName) throws -> PersonID? {
    try person(exactly: name) ?? people(withKey: NameKey(of: name.text)).first
  }

  /// A person as others see one; nil when there is none.
  package func person(_ id: PersonID) throws -> Person? {
    guard let record = try personRecord(id) else { return nil }
    return Person(
      id: id, name: record.name, faceCount: try faceCount(of: id), created: record.created,
      picture: try picture(record, of: id))
  }

  /// The face that was chosen to stand for a person and is theirs still; nil when there is none.
  package func picture(of person: PersonID) throws -> FaceID? {
    try personRecord(person).flatMap { try picture($0, of: person) }
  }

  private func picture(_ record: StoredPerson, of person: PersonID) throws -> FaceID? {
    guard let face = record.picture, try faceRecord(face)?.person == person else { return nil }
    return face
  }

  /// A person who must be there.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchPerson`.
  package func existing(_ id: PersonID) throws -> Person {
    guard let person = try person(id) else { throw GalleryError.noSuchPerson(id) }
    return person
  }

  /// The number of somebody who is there, and has the name that is expected, however it is written.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchPerson`.
  package func verified(_ reference: some PersonReference) throws -> PersonID {
    let person = try existing(reference.number)
    if let name = reference.expectedName, NameKey(of: name) != NameKey(of: person.name) {
      throw GalleryError(
        .noSuchPerson, "“\(name)” has become “\(person.name)” meanwhile; nothing was changed. Look again.")
    }
    return person.id
  }

  /// Everybody, by name.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` for a name that leads to nobody of that name.
  package func people() throws -> [Person] {
    var people: [Person] = []
    try forEachPerson(after: nil) { name, id in
      guard let person = try person(id), person.name == name else {
        throw GalleryError.damaged("the name “\(name)” leads to nobody of that name")
      }
      people.append(person)
      return true
    }
    return people
  }

  /// A page of people by name, from the one after `name`.
  package func people(after name: String?, offset: Int, limit: Int) throws -> [PersonID] {
    var ids: [PersonID] = []
    guard limit > 0 else { return ids }
    var skipped = 0
    try forEachPerson(after: name) { _, id in
      if skipped < offset { skipped += 1 } else { ids.append(id) }
      return ids.count < limit
    }
    return ids
  }

  /// A page of the people whom `isWanted` wants, and how many they are.
  package func people(
    after name: String?, offset: Int, limit: Int, where isWanted: (String, PersonID) throws -> Bool
  ) throws -> (ids: [PersonID], total: Int) {
    var (total, skipped) = (0, 0)
    var ids: [PersonID] = []
    try forEachPerson(after: nil) { other, id in
      guard try isWanted(other, id) else { return true }
      total += 1
      if let name, !name.utf8.lexicographicallyPrecedes(other.utf8) { return true }
      if skipped < offset {
        skipped += 1
      } else if ids.count < limit {
        ids.append(id)
      }
      return true
    }
    return (ids, total)
  }

  // MARK: Faces

  /// A face's record, which must be there.
  ///
  /// - Throws: ``GalleryError`` with code `damaged`.
  package func storedRecord(_ id: FaceID) throws -> StoredFace {
    guard let record = try faceRecord(id) else { throw GalleryError.damaged("face \(id) is missing") }
    return record
  }

  /// The faces of a person with their records, older ones first.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` when the list and the records differ.
  package func faceRecords(of person: PersonID) throws -> [(id: FaceID, record: StoredFace)] {
    try faces(of: person).map { id in
      let record = try storedRecord(id)
      guard record.person == person else {
        throw GalleryError.damaged("person \(person) lists face \(id), which is not theirs")
      }
      return (id, record)
    }
  }

  /// The vector of a face, copied; nil when there is no such face.
  package func vector(of face: FaceID) throws -> [Float]? {
    var vector: [Float]?
    _ = try withVector(of: face.rawValue) { vector = VectorBytes.decode($0) }
    return vector
  }

  /// The vectors of some faces from a number on, copied one after the other: at most `limit` of them.
  package func vectors(from first: UInt64, limit: Int) throws -> (faces: [UInt64], rows: [Float]) {
    var faces: [UInt64] = []
    var rows: [Float] = []
    try forEachVector(from: first) { face, bytes in
      faces.append(face)
      rows += VectorBytes.decode(bytes)
      return faces.count < limit
    }
    return (faces, rows)
  }
}
