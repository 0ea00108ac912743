internal import FaceEngine

/// What a writer has made of the state so far.
final class InMemoryDraft {
  var state: InMemoryState
  let log: ChangeLog

  init(_ state: InMemoryState) {
    self.state = state
    log = ChangeLog(counters: state.counters, tag: .random(in: 1 ... .max))
  }

  /// Hands over the new state, with its changes in the log.
  func commit(_ take: (InMemoryState) -> Void) {
    state.log += log.changes
    state.counters = log.counters
    state.number += 1
    take(state)
  }
}

/// The one that may change an ``InMemoryStore``.
struct InMemoryWriter: InMemoryReading, StoreWriter, ~Copyable {
  let draft: InMemoryDraft

  var state: InMemoryState { draft.state }

  // MARK: The engine

  func settleEngine(_ identity: EngineIdentity?) throws -> Int {
    if let stored = state.fingerprint {
      if let identity {
        try EngineIdentity.check(
          identity.fingerprint, against: stored, named: identity.engine, storedAs: state.engine)
        remember(identity)
      }
      return stored.dimension
    }
    guard let identity else { throw GalleryError.engineUnknown }
    draft.state.fingerprint = identity.fingerprint
    remember(identity)
    return identity.fingerprint.dimension
  }

  private func remember(_ identity: EngineIdentity) {
    if let point = identity.operatingPoint, point.isCalibrated { draft.state.operatingPoint = point }
    if let engine = identity.engine { draft.state.engine = engine }
  }

  func replaceVectors(
    of identity: EngineIdentity, _ vector: (FaceID, StoredFace) throws -> [UInt8]
  ) throws {
    for (number, face) in state.faces.entries {
      var face = face
      face.vector = try vector(FaceID(rawValue: number), face.record)
      draft.state.faces[number] = face
    }
    draft.state.groups = [:]
    restartLog()
    draft.state.fingerprint = identity.fingerprint
    (draft.state.operatingPoint, draft.state.engine) = (nil, nil)
    remember(identity)
  }

  // MARK: People

  func insert(_ name: PersonName) -> PersonID {
    let id = draft.log.newPerson()
    draft.state.people[id] = StoredPerson(name: name.text, created: .storable)
    draft.state.names[name.text] = id
    return id
  }

  func rename(_ id: PersonID, to name: PersonName) throws {
    guard let record = state.people[id] else { throw GalleryError.noSuchPerson(id) }
    guard record.name != name.text else { return }
    if let other = try person(named: name), other != id { throw GalleryError.nameTaken(name, by: other) }
    draft.state.names[record.name] = nil
    draft.state.names[name.text] = id
    draft.state.people[id]?.name = name.text
    draft.log.note(.renamed, person: id)
  }

  func setPicture(_ face: FaceID?, of id: PersonID) throws {
    guard let record = state.people[id] else { throw GalleryError.noSuchPerson(id) }
    guard record.picture != face else { return }
    draft.state.people[id]?.picture = face
    draft.log.note(.renamed, person: id)
  }

  func removeEmptied(_ person: PersonID) throws {
    guard let record = draft.state.people.removeValue(forKey: person) else {
      throw GalleryError.noSuchPerson(person)
    }
    draft.state.names[record.name] = nil
    draft.state.formerNames.forget(person)
    draft.state.tags[.person(person)] = nil
    draft.log.note(.personRemoved, person: person)
  }

  func removeAllPeople() throws -> (people: Int, faces: Int) {
    let people = state.people.count
    var faces = 0
    for id in state.people.keys.sorted() { faces += try remove(id) }
    return (people, faces)
  }

  func setFormerNames(_ names: FormerNames) { draft.state.formerNames = names }

  // MARK: Faces

  func insert(_ face: StoredFace, vector: [UInt8], thumbnail: [UInt8]?) throws -> FaceID {
    guard let dimension = state.fingerprint?.dimension else { throw GalleryError.engineUnknown }
    guard vector.count == 4 * dimension else {
      throw GalleryError.wrongDimension(vector.count / 4, expected: dimension)
    }
    let id = draft.log.newFace()
    draft.state.faces[id.rawValue] = InMemoryState.Face(record: face, vector: vector, thumbnail: thumbnail)
    draft.log.note(.added, face: id, person: face.person)
    return id
  }

  func move(_ face: FaceID, to person: PersonID) throws {
    guard var stored = state.faces[face.rawValue] else { throw GalleryError.noSuchFace(face) }
    guard stored.record.person != person else { return }
    stored.record.person = person
    draft.state.faces[face.rawValue] = stored
    draft.state.groups[face] = nil
    draft.log.note(.moved, face: face, person: person)
  }

  func setPath(_ path: String, of face: FaceID) throws {
    guard state.faces[face.rawValue] != nil else { throw GalleryError.noSuchFace(face) }
    draft.state.faces[face.rawValue]?.record.path = path
  }

  func remove(_ face: FaceID) throws {
    guard let record = faceRecord(face) else { throw GalleryError.noSuchFace(face) }
    draft.state.faces[face.rawValue] = nil
    draft.state.tags[.face(face)] = nil
    draft.state.groups[face] = nil
    draft.log.note(.removed, face: face, person: record.person)
  }

  // MARK: Tags and groups

  func setTag(_ key: String, _ value: String?, of owner: TagOwner) {
    var tags = state.tags[owner] ?? [:]
    tags[key] = value
    draft.state.tags[owner] = tags.isEmpty ? nil : tags
  }

  func noteTags(of person: PersonID) { draft.log.note(.renamed, person: person) }

  func setGroups(_ groups: [[FaceID]]) {
    let unnamed = Set(faces(of: .unnamed))
    draft.state.groups = [:]
    for group in groups {
      let members = group.filter(unnamed.contains)
      guard let oldest = members.min() else { continue }
      for face in members { draft.state.groups[face] = oldest.rawValue }
    }
  }

  func setGroup(_ group: UInt64, of face: FaceID) { draft.state.groups[face] = group }

  // MARK: Removals that can be undone

  func put(_ removal: Removal) { draft.state.removals[removal.number] = removal }

  func put(_ person: RemovedPerson, as id: PersonID) { draft.state.removedPeople[id] = person }

  func put(_ face: RemovedFace, as id: FaceID) { draft.state.removedFaces[id] = face }

  func drop(removal number: UInt64) { draft.state.removals[number] = nil }

  func drop(removedPerson id: PersonID) { draft.state.removedPeople[id] = nil }

  func drop(removedFace id: FaceID) { draft.state.removedFaces[id] = nil }

  func notePurge() { draft.log.purge() }

  func forgetRemovals() {
    (draft.state.removals, draft.state.removedPeople, draft.state.removedFaces) = ([:], [:], [:])
  }

  func bringBack(_ person: RemovedPerson, as id: PersonID) {
    draft.state.people[id] = person.record
    draft.state.names[person.record.name] = id
    for (key, value) in person.tags { setTag(key, value, of: .person(id)) }
    draft.log.noteReturn(of: id)
  }

  func bringBack(_ face: RemovedFace, as id: FaceID, of person: PersonID) {
    var record = face.record
    record.person = person
    draft.state.faces[id.rawValue] = InMemoryState.Face(
      record: record, vector: face.vector, thumbnail: face.thumbnail)
    for (key, value) in face.tags { setTag(key, value, of: .face(id)) }
    if person == .unnamed, let group = face.group { setGroup(group, of: id) }
    draft.log.note(.added, face: id, person: person)
  }

  // MARK: The log

  var newCounters: Counters { draft.log.counters }

  func trimChanges(through sequence: UInt64) {
    let trimmed = draft.log.counters.trimmed
    let last = min(sequence, draft.log.counters.sequence)
    guard last > trimmed else { return }
    draft.state.log.removeFirst(Int(last - trimmed))
    draft.log.trim(through: last)
  }

  private func restartLog() {
    draft.state.log = []
    draft.log.restart()
  }
}
