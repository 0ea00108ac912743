package import FaceEngine

/// The one transaction that may change a store; it sees its own changes.
///
/// Which places hold what is known of a person or a face is the implementation's affair: each of these functions leaves all
/// of them in step. Numbers are given once and never again, but to who or what had them and is brought back.
package protocol StoreWriter: StoreSnapshot, ~Copyable {
  // MARK: The engine

  /// Makes sure that embeddings of this engine may be added; the first one decides for the gallery.
  ///
  /// - Parameter identity: The engine; nil when the caller has none and relies on the gallery's.
  /// - Returns: The components of its vectors.
  /// - Throws: ``GalleryError``: `engineMismatch`, `engineNeeded`.
  @discardableResult
  func settleEngine(_ identity: EngineIdentity?) throws -> Int

  /// Puts other vectors in the place of all that are stored, and makes the gallery their engine's. The log begins anew:
  /// every index made before is out of reach.
  ///
  /// - Parameter vector: Gives the bytes of each face's new vector.
  func replaceVectors(
    of identity: EngineIdentity, _ vector: (FaceID, StoredFace) throws -> [UInt8]) throws

  // MARK: People

  /// Adds a person, whose name nobody has.
  func insert(_ name: PersonName) throws -> PersonID

  /// Gives a person another name.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`, `nameTaken`.
  func rename(_ person: PersonID, to name: PersonName) throws

  /// Notes which face stands for a person; nil is none.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchPerson`.
  func setPicture(_ face: FaceID?, of person: PersonID) throws

  /// Removes a person of whom no face is left.
  func removeEmptied(_ person: PersonID) throws

  /// Removes everybody with all faces, and says how many there were; faces without a name stay.
  func removeAllPeople() throws -> (people: Int, faces: Int)

  /// Notes the names that people had before. Those of a person who is removed are forgotten by ``removeEmptied(_:)``.
  func setFormerNames(_ names: FormerNames) throws

  // MARK: Faces

  /// Adds a face with the bytes of its unit vector, and its thumbnail when one is kept.
  ///
  /// - Throws: ``GalleryError`` with code `invalidEmbedding` for a vector that is not as the engine's.
  func insert(_ face: StoredFace, vector: [UInt8], thumbnail: [UInt8]?) throws -> FaceID

  /// Gives a face to another person, who is there.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchFace`.
  func move(_ face: FaceID, to person: PersonID) throws

  /// Notes where the photo of a face lies now.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchFace`.
  func setPath(_ path: String, of face: FaceID) throws

  /// Removes a face; its person stays.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchFace`.
  func remove(_ face: FaceID) throws

  // MARK: Tags and groups

  /// Tags a person or a face, who is there; nil takes a tag away. The key is that which is written so; see ``tag(_:_:most:)``.
  func setTag(_ key: String, _ value: String?, of owner: TagOwner) throws

  /// Logs that something is known of a person, or of a face of theirs, that was not before, so that what was remembered of
  /// tags is read anew.
  func noteTags(of person: PersonID) throws

  /// Replaces all groups; faces that are gone or have got a name meanwhile are left out.
  ///
  /// - Parameter groups: Faces that belong together, each in one group at most.
  func setGroups(_ groups: [[FaceID]]) throws

  /// Puts a face without a name into a group, whose number is that of a face that was added before.
  func setGroup(_ group: UInt64, of face: FaceID) throws

  // MARK: Removals that can be undone

  /// Notes a removal of which something is kept, or its new figures.
  func put(_ removal: Removal) throws

  /// Keeps a person who is about to be removed.
  func put(_ person: RemovedPerson, as id: PersonID) throws

  /// Keeps a face that is about to be removed.
  func put(_ face: RemovedFace, as id: FaceID) throws

  /// Forgets a removal of which nothing is kept any more.
  func drop(removal number: UInt64) throws

  /// Forgets a person who was removed.
  func drop(removedPerson id: PersonID) throws

  /// Forgets a face that was removed.
  func drop(removedFace id: FaceID) throws

  /// Notes for the audit log that something was forgotten for good that removals kept.
  func notePurge()

  /// Forgets all removals with all that is kept of them.
  func forgetRemovals() throws

  /// Adds a person who was removed, whose name nobody has, with the old number and tags.
  func bringBack(_ person: RemovedPerson, as id: PersonID) throws

  /// Adds a face that was removed with the old number and tags.
  ///
  /// - Parameter person: Whose it is, who is there.
  func bringBack(_ face: RemovedFace, as id: FaceID, of person: PersonID) throws

  // MARK: The log

  /// The numbers that every change moves, with what was changed so far; ``StoreSnapshot/counters()`` has those of the last commit.
  var newCounters: Counters { get }

  /// Removes changes up to a number from the log.
  func trimChanges(through sequence: UInt64) throws
}

extension StoreWriter where Self: ~Copyable {
  /// Adds an embedding that comes without a photo, of nobody yet when there is no name.
  ///
  /// - Throws: ``GalleryError`` with code `invalidEmbedding`.
  package func add(_ embedding: Embedding, as name: PersonName?) throws -> FaceID {
    let person = if let name { try person(named: name) ?? insert(name) } else { PersonID.unnamed }
    let record = StoredFace(person: person, added: .storable, photo: nil, detection: nil, path: nil)
    return try insert(record, vector: VectorBytes.encode(embedding.values), thumbnail: nil)
  }

  /// Tags a person or a face, who is there, or takes tags away: where they have a tag whose key is the same but for how it is written,
  /// it is that one.
  ///
  /// - Parameters:
  ///   - values: A value for each key, no two of which are the same but for how they are written; nil takes the tag away.
  ///   - most: More tags than this the owner may not get, but may have from before; nil sets no limit.
  /// - Throws: ``GalleryError`` with code `invalidArgument` beyond the limit.
  /// - Complexity: O((*n* + *m*) log *t*) for *n* values, *m* tags of the owner and *t* tags in all.
  package func tag(_ owner: TagOwner, _ values: [String: String?], most: Int? = nil) throws {
    if values.isEmpty { return }
    let before = try tags(of: owner)
    var own: [NameKey: [String]] = [:]
    for key in before.keys { own[NameKey(of: key), default: []].append(key) }
    var count = before.count
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      let same = own[NameKey(of: key)]?.sorted() ?? []
      let kept = same.contains(key) ? key : same.first ?? key
      // Several are from before keys were compared so.
      for other in same where other != kept { try setTag(other, nil, of: owner) }
      try setTag(kept, value, of: owner)
      count += (value == nil ? 0 : 1) - same.count
    }
    if let most, count > max(most, before.count) {
      throw GalleryError(
        .invalidArgument,
        "There would be \(count) tags, and \(most) are the most that a person or a face may have; take some away first."
      )
    }
  }

  /// Removes a person with all faces for good, and says how many there were; see ``remove(people:faces:keeping:now:)``.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchPerson`.
  package func remove(_ person: PersonID) throws -> Int {
    guard try contains(person) else { throw GalleryError.noSuchPerson(person) }
    let faces = try faceRecords(of: person)
    for (face, _) in faces { try remove(face) }
    try removeEmptied(person)
    return faces.count
  }

  /// Gives a person another name, and notes the one that they had.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`, `nameTaken`.
  package func changeName(of person: PersonID, to name: PersonName) throws {
    let before = try personRecord(person)?.name
    try rename(person, to: name)
    guard let before, NameKey(of: before) != NameKey(of: name.text) else { return }
    var names = try formerNames()
    names.note(before, of: person)
    try setFormerNames(names)
  }

  /// Moves the faces and tags of `source` to `target`, whose own tags and picture stay, and removes `source`. Where no picture was chosen for
  /// `target`, that of `source` is theirs.
  ///
  /// - Throws: ``GalleryError`` with code `noSuchPerson`.
  package func merge(_ source: PersonID, into target: PersonID) throws {
    for person in [source, target] where try !contains(person) { throw GalleryError.noSuchPerson(person) }
    guard source != target else { return }
    if let name = try personRecord(source)?.name {
      var names = try formerNames()
      names.note(name, of: target)
      names.merge(source, into: target)
      try setFormerNames(names)
    }
    let picture = try picture(of: target) == nil ? try picture(of: source) : nil
    for (face, _) in try faceRecords(of: source) { try move(face, to: target) }
    if let picture { try setPicture(picture, of: target) }
    try giveRemoved(of: source, to: target)
    try addTags(try tags(of: .person(source)), to: target)
    try removeEmptied(source)
  }

  /// Tags a person as somebody was who becomes this person; the person's own tags stay.
  package func addTags(_ tags: [String: String], to person: PersonID) throws {
    let own = Set(try self.tags(of: .person(person)).keys.map { NameKey(of: $0) })
    for (key, value) in tags where !own.contains(NameKey(of: key)) {
      try setTag(key, value, of: .person(person))
    }
  }
}
