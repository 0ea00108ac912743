internal import FaceEngine
internal import Foundation
internal import LMDB

/// The write transaction of an ``LMDBStore``: keeps all tables in step, and notes each change for the log.
struct LMDBWriter: LMDBReading, StoreWriter, WritingTransaction, ~Copyable {
  let store: LMDBStore
  // Good as long as the transaction is open, which is as long as the closure runs that is given this.
  let raw: RawTransaction
  let log: ChangeLog
  private let known = Known()

  /// What is asked for at every face.
  private final class Known {
    var form: VectorForm?
  }

  init(store: LMDBStore, raw: RawTransaction, log: ChangeLog) {
    self.store = store
    self.raw = raw
    self.log = log
  }

  // MARK: The engine

  /// Has the engine looked up anew.
  func forgetForm() { known.form = nil }

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
    try put(try SealedJSON.encode(identity.fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    try remember(identity)
    return identity.fingerprint.dimension
  }

  /// Keeps what may change while the embeddings stay the same: where the weights lie, and the calibration.
  private func remember(_ identity: EngineIdentity) throws {
    if let point = identity.operatingPoint, point.isCalibrated, try operatingPoint() != point {
      log.touch()
      try put(try SealedJSON.encode(point), for: MetaKey.operatingPoint, in: tables.meta)
    }
    if let engine = identity.engine, try engineSpecification() != engine {
      log.touch()
      try put(try SealedJSON.encode(engine), for: MetaKey.engineSpecification, in: tables.meta)
    }
  }

  func replaceVectors(
    of identity: EngineIdentity, _ vector: (FaceID, StoredFace) throws -> [UInt8]
  ) throws {
    try removeAll(from: tables.vectors)
    let form = VectorForm(identity.fingerprint)
    known.form = form
    var sums: [(face: FaceID, vector: UInt32)] = []
    try forEachFace { face, record in
      let bytes = try vector(face, record)
      try put(bytes, for: face.rawValue, in: tables.vectors, mode: .append)
      sums.append((face, CRC32C.of(bytes)))
      return true
    }
    for (face, sum) in sums {
      guard var stored = try encodedFace(face) else { continue }
      stored.checksums = EncodedFace.Checksums(
        engine: form.engine, vector: sum, thumbnail: stored.checksums?.thumbnail ?? 0)
      try put(stored.encoded, for: face.rawValue, in: tables.faces)
    }
    // Groups are of the old embeddings' likeness.
    if let groups = tables.groups { try removeAll(from: groups) }
    try restartLog()
    try put(try SealedJSON.encode(identity.fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    try remove(MetaKey.operatingPoint, from: tables.meta)
    try remove(MetaKey.engineSpecification, from: tables.meta)
    try remember(identity)
  }

  // MARK: People

  func insert(_ name: PersonName) throws -> PersonID {
    let id = log.newPerson()
    let person = EncodedPerson(StoredPerson(name: name.text, created: .storable))
    try put(person.encoded, for: id.rawValue, in: tables.persons, mode: .append)
    try put(id.rawValue, for: name.text, in: tables.personsByName, mode: .insert)
    try list(name.text, of: id)
    return id
  }

  func rename(_ id: PersonID, to name: PersonName) throws {
    guard var person = try encodedPerson(id) else { throw GalleryError.noSuchPerson(id) }
    guard person.record.name != name.text else { return }
    if let other = try self.person(named: name), other != id { throw GalleryError.nameTaken(name, by: other) }
    try remove(person.record.name, from: tables.personsByName)
    try unlist(person.record.name, of: id)
    person.record.name = name.text
    try put(person.encoded, for: id.rawValue, in: tables.persons)
    try put(id.rawValue, for: name.text, in: tables.personsByName, mode: .insert)
    try list(name.text, of: id)
    log.note(.renamed, person: id)
  }

  func setPicture(_ face: FaceID?, of id: PersonID) throws {
    guard var person = try encodedPerson(id) else { throw GalleryError.noSuchPerson(id) }
    guard person.record.picture != face else { return }
    person.record.picture = face
    try put(person.encoded, for: id.rawValue, in: tables.persons)
    log.note(.renamed, person: id)
  }

  func removeEmptied(_ person: PersonID) throws {
    guard let record = try personRecord(person) else { throw GalleryError.noSuchPerson(person) }
    try removeTags(of: .person(person))
    try remove(person.rawValue, from: tables.persons)
    try remove(record.name, from: tables.personsByName)
    try unlist(record.name, of: person)
    var names = try formerNames()
    if !names.isEmpty {
      names.forget(person)
      try setFormerNames(names)
    }
    log.note(.personRemoved, person: person)
  }

  func removeAllPeople() throws -> (people: Int, faces: Int) {
    let people = try count(of: tables.personsByName)
    guard try faceCount(of: .unnamed) == 0 else {
      var faces = 0
      for id in try self.people(after: nil, offset: 0, limit: people) { faces += try remove(id) }
      return (people, faces)
    }
    let faces = try count(of: tables.faces)
    guard people + faces > 0 else { return (0, 0) }
    try removePeopleAndFaces()
    try setFormerNames(FormerNames())
    try restartLog()
    return (people, faces)
  }

  /// Empties the tables of people and faces, and of what is known of them.
  func removePeopleAndFaces() throws {
    try removeAll(from: tables.persons)
    try removeAll(from: tables.personsByName)
    if let table = tables.personsByKey { try removeAll(from: table) }
    try removeAll(from: tables.faces)
    try removeAll(from: tables.vectors)
    try removeAll(from: tables.facesByPerson)
    try removeAll(from: tables.facesBySource)
    if let table = tables.thumbnails { try removeAll(from: table) }
    if let table = tables.tags { try removeAll(from: table) }
    if let table = tables.tagsIndex { try removeAll(from: table) }
    if let table = tables.groups { try removeAll(from: table) }
  }

  func setFormerNames(_ names: FormerNames) throws {
    if names.isEmpty {
      try remove(MetaKey.formerNames, from: tables.meta)
    } else {
      try put(try SealedJSON.encode(names), for: MetaKey.formerNames, in: tables.meta)
    }
  }

  // MARK: Faces

  func insert(_ face: StoredFace, vector: [UInt8], thumbnail: [UInt8]?) throws -> FaceID {
    let encoded = try encoded(face, vector, thumbnail)
    let id = log.newFace()
    try put(encoded, vector, thumbnail, as: id, mode: .append)
    log.note(.added, face: id, person: face.person)
    return id
  }

  /// The record of a face with its checksums.
  ///
  /// - Throws: ``GalleryError`` with code `invalidEmbedding` for a vector that is not as the engine's.
  func encoded(_ face: StoredFace, _ vector: [UInt8], _ thumbnail: [UInt8]?) throws -> EncodedFace {
    guard let form = try known.form ?? vectorForm() else { throw GalleryError.engineUnknown }
    known.form = form
    guard vector.count == 4 * form.dimension else {
      throw GalleryError.wrongDimension(vector.count / 4, expected: form.dimension)
    }
    let checksums = EncodedFace.Checksums(
      engine: form.engine, vector: CRC32C.of(vector), thumbnail: thumbnail.map { CRC32C.of($0) } ?? 0)
    return EncodedFace(face, checksums: checksums)
  }

  /// Puts a face into all tables that hold something of one, but those of tags and groups.
  func put(
    _ face: EncodedFace, _ vector: [UInt8], _ thumbnail: [UInt8]?, as id: FaceID, mode: PutMode = .replace
  ) throws {
    let key = id.rawValue
    try put(face.encoded, for: key, in: tables.faces, mode: mode)
    try put(vector, for: key, in: tables.vectors, mode: mode)
    try put(key, for: face.record.person.rawValue, in: tables.facesByPerson)
    if let photo = face.record.photo { try put(key, for: photo.bytes, in: tables.facesBySource) }
    if let thumbnail, let table = tables.thumbnails { try put(thumbnail, for: key, in: table, mode: mode) }
  }

  func move(_ face: FaceID, to person: PersonID) throws {
    guard var stored = try encodedFace(face) else { throw GalleryError.noSuchFace(face) }
    guard stored.record.person != person else { return }
    try remove(face.rawValue, of: stored.record.person.rawValue, from: tables.facesByPerson)
    stored.record.person = person
    try put(stored.encoded, for: face.rawValue, in: tables.faces)
    try put(face.rawValue, for: person.rawValue, in: tables.facesByPerson)
    if let table = tables.groups { try remove(face.rawValue, from: table) }
    log.note(.moved, face: face, person: person)
  }

  func setPath(_ path: String, of face: FaceID) throws {
    guard var stored = try encodedFace(face) else { throw GalleryError.noSuchFace(face) }
    log.touch(face: face)
    stored.record.path = path
    try put(stored.encoded, for: face.rawValue, in: tables.faces)
  }

  func remove(_ face: FaceID) throws {
    guard let record = try faceRecord(face) else { throw GalleryError.noSuchFace(face) }
    try removeTags(of: .face(face))
    let key = face.rawValue
    try remove(key, from: tables.faces)
    try remove(key, from: tables.vectors)
    if let table = tables.thumbnails { try remove(key, from: table) }
    if let table = tables.groups { try remove(key, from: table) }
    try remove(key, of: record.person.rawValue, from: tables.facesByPerson)
    if let photo = record.photo { try remove(key, of: photo.bytes, from: tables.facesBySource) }
    log.note(.removed, face: face, person: record.person)
  }

  // MARK: Tags and groups

  func setTag(_ key: String, _ value: String?, of owner: TagOwner) throws {
    if case .face(let face) = owner { log.touch(face: face) } else { log.touch() }
    guard let table = tables.tags, let index = tables.tagsIndex else { return }
    let place = owner.prefix + Array(key.utf8)
    if let old = try self.value(for: place, in: table) {
      try remove(owner.number, of: TagOwner.indexKey(owner.kind, key, old), from: index)
      try remove(place, from: table)
    }
    guard let value else { return }
    try put(Array(value.utf8), for: place, in: table)
    try put(owner.number, for: TagOwner.indexKey(owner.kind, key, Array(value.utf8)), in: index)
  }

  func removeTags(of owner: TagOwner) throws {
    for key in try tags(of: owner).keys { try setTag(key, nil, of: owner) }
  }

  func noteTags(of person: PersonID) throws { log.note(.renamed, person: person) }

  func setGroups(_ groups: [[FaceID]]) throws {
    log.touch()
    guard let table = tables.groups else { throw LMDBError.notWritable }
    var before: [FaceID: UInt64] = [:]
    for (group, faces) in try self.groups() {
      for face in faces { before[face] = group }
    }
    try removeAll(from: table)
    let unnamed = Set(try faces(of: .unnamed))
    var entries: [(face: FaceID, group: UInt64)] = []
    for group in groups {
      let members = group.filter(unnamed.contains)
      guard let oldest = members.min() else { continue }
      entries += members.map { ($0, oldest.rawValue) }
    }
    for entry in entries.sorted(by: { $0.face < $1.face }) {
      try put(entry.group, for: entry.face.rawValue, in: table, mode: .append)
      if before.removeValue(forKey: entry.face) != entry.group { log.touch(face: entry.face) }
    }
    // Those that are in none any more.
    for face in before.keys { log.touch(face: face) }
  }

  /// Has no face be in a group.
  func forgetGroups() throws { if let table = tables.groups { try removeAll(from: table) } }

  func setGroup(_ group: UInt64, of face: FaceID) throws {
    log.touch(face: face)
    guard let table = tables.groups else { throw LMDBError.notWritable }
    try put(group, for: face.rawValue, in: table)
  }

  // MARK: The log

  var newCounters: Counters { log.counters }

  func trimChanges(through sequence: UInt64) throws {
    let last = min(sequence, log.counters.sequence)
    guard last > log.counters.trimmed else { return }
    for number in log.counters.trimmed + 1...last { try remove(number, from: tables.changes) }
    log.trim(through: last)
  }

  /// Empties the log; it begins anew after everything that happened.
  func restartLog() throws {
    try removeAll(from: tables.changes)
    log.restart()
  }

  /// Writes what was noted into the log.
  func writeLog() throws {
    if log.isEmpty { return }
    for (sequence, change) in log.numbered {
      try put(change.encoded, for: sequence, in: tables.changes, mode: .append)
    }
    try put(log.counters.encoded, for: MetaKey.counters, in: tables.meta)
    try noteNameKeys()
  }
}
