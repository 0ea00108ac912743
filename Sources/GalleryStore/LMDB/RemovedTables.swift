internal import FaceEngine
internal import Foundation
internal import LMDB
internal import Support

/// The databases of what removals keep; docs/gallery-format.md describes them.
struct RemovedTables: Sendable {
  let removals: Database<UInt64, [UInt8]>
  let persons: Database<UInt64, [UInt8]>
  let faces: Database<UInt64, [UInt8]>
  /// Faces and people by what they are known by; see ``RemovedMark``.
  let marks: Database<[UInt8], UInt64>

  /// Nil when they are not there and may not be made.
  init?(_ opener: borrowing DatabaseOpener) throws(LMDBError) {
    guard
      let removals = try opener.databaseIfThere("removals", key: UInt64.self, value: [UInt8].self),
      let persons = try opener.databaseIfThere("removedPersons", key: UInt64.self, value: [UInt8].self),
      let faces = try opener.databaseIfThere("removedFaces", key: UInt64.self, value: [UInt8].self),
      let marks = try opener.databaseIfThere(
        "removedMarks", key: [UInt8].self, value: UInt64.self, kind: .sortedFixedDuplicates)
    else { return nil }
    (self.removals, self.persons, self.faces, self.marks) = (removals, persons, faces, marks)
  }
}

/// The keys of `removedMarks`: what it is by which a face or a person is found, and its bytes.
enum RemovedMark {
  static func person(_ id: PersonID) -> [UInt8] {
    withUnsafeBytes(of: id.rawValue.bigEndian) { [1] + Array($0) }
  }

  static func photo(_ photo: PhotoDigest) -> [UInt8] { [2] + photo.bytes }

  /// Its checksum and its beginning: others may have the same.
  static func vector(_ vector: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: CRC32C.of(vector).bigEndian) { [3] + Array($0) } + vector.prefix(16)
  }

  /// The beginning of the SHA-256 of a person's name's key, which `FormerNames` has in hexadecimal.
  static func name(_ digest: String) -> [UInt8] { [4] + Array(digest.prefix(32).utf8) }

  /// Likewise of the name of a face's person.
  static func nameOfFace(_ digest: String) -> [UInt8] { [5] + Array(digest.prefix(32).utf8) }
}

extension RemovedFace {
  /// By what it is found.
  var marks: [[UInt8]] {
    [RemovedMark.person(record.person), RemovedMark.vector(vector)]
      + (record.photo.map { [RemovedMark.photo($0)] } ?? [])
      + (name.isEmpty ? [] : [RemovedMark.nameOfFace(FormerNames.digest(NameKey(of: name)))])
  }
}

extension RemovedPerson {
  /// By what the person is found.
  var mark: [UInt8] { RemovedMark.name(FormerNames.digest(NameKey(of: record.name))) }
}

extension LMDBReading where Self: ~Copyable {
  func keepsRemoved() throws -> Bool {
    guard let removed = tables.removed else { return false }
    return try count(of: removed.removals) + count(of: removed.persons) + count(of: removed.faces) > 0
  }

  func removals() throws -> [Removal] {
    var removals: [Removal] = []
    guard let table = tables.removed?.removals else { return removals }
    try scan(table) { number, bytes in
      if let removal = try? removal(number, bytes.withUnsafeBytes { Array($0) }) { removals.append(removal) }
      return true
    }
    return removals
  }

  func latestRemoval() throws -> UInt64? {
    guard let table = tables.removed?.removals else { return nil }
    var latest: UInt64?
    try scan(table) { number, _ in
      latest = number
      return true
    }
    return latest
  }

  func removal(_ number: UInt64) throws -> Removal? {
    guard let table = tables.removed?.removals else { return nil }
    return try value(for: number, in: table).map { try removal(number, $0) }
  }

  private func removal(_ number: UInt64, _ bytes: [UInt8]) throws -> Removal {
    try kept("removal \(number)") {
      let removal = try SealedJSON.decode(Removal.self, from: bytes)
      guard removal.number == number else { throw ByteReader.Malformed() }
      return removal
    }
  }

  /// Decodes what a removal keeps.
  private func kept<Value>(_ what: @autoclosure () -> String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw GalleryError.damagedRemoval(what())
    }
  }

  func removedPeople(of removal: UInt64) throws -> [PersonID] {
    try numbers(of: removal, in: tables.removed?.persons).map { PersonID(rawValue: $0) }
  }

  func removedFaces(of removal: UInt64) throws -> [FaceID] {
    try numbers(of: removal, in: tables.removed?.faces).map { FaceID(rawValue: $0) }
  }

  private func numbers(of removal: UInt64, in table: Database<UInt64, [UInt8]>?) throws -> [UInt64] {
    var numbers: [UInt64] = []
    guard let table else { return numbers }
    try scan(table) { number, bytes in
      // The removal stands behind the version.
      let isMeant =
        bytes.byteCount >= 9
        && UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt64.self)) == removal
      if isMeant { numbers.append(number) }
      return true
    }
    return numbers
  }

  func removedPerson(_ id: PersonID) throws -> RemovedPerson? {
    guard let table = tables.removed?.persons, let bytes = try value(for: id.rawValue, in: table) else {
      return nil
    }
    return try kept("person \(id) of a removal") { try RemovedPerson(decoding: bytes, of: id) }
  }

  func removedFace(_ id: FaceID) throws -> RemovedFace? {
    guard let table = tables.removed?.faces, let bytes = try value(for: id.rawValue, in: table) else {
      return nil
    }
    return try kept("face \(id) of a removal") { try RemovedFace(decoding: bytes, of: id) }
  }

  func removedPeople(named digest: String) throws -> [PersonID] {
    let mark = RemovedMark.name(digest)
    return try marked(mark).map { PersonID(rawValue: $0) }.filter { id in
      (try? removedPerson(id))?.mark == mark
    }
  }

  func removedFaces(named digest: String) throws -> [FaceID] {
    try faces(marked: RemovedMark.nameOfFace(digest))
  }

  func removedFaces(of person: PersonID) throws -> [FaceID] {
    try faces(marked: RemovedMark.person(person))
  }

  func removedFaces(in photo: PhotoDigest) throws -> [FaceID] {
    try faces(marked: RemovedMark.photo(photo))
  }

  func removedFaces(withVector vector: [UInt8]) throws -> [FaceID] {
    try faces(marked: RemovedMark.vector(vector))
  }

  /// Marks have no checksums, but what they lead to does; what cannot be read is among them.
  private func faces(marked mark: [UInt8]) throws -> [FaceID] {
    try marked(mark).map { FaceID(rawValue: $0) }.filter { id in
      do {
        return try removedFace(id)?.marks.contains(mark) == true
      } catch {
        return true
      }
    }
  }

  private func marked(_ mark: [UInt8]) throws -> [UInt64] {
    guard let table = tables.removed?.marks else { return [] }
    return try withCursor(in: table) { cursor in
      var numbers: [UInt64] = []
      guard try cursor.find(mark) else { return numbers }
      repeat { numbers.append(try cursor.value) } while try cursor.nextDuplicate()
      return numbers
    }
  }
}

extension LMDBWriter {
  /// The databases of removals; they are there in every gallery that is open for writing.
  private func removedTables() throws -> RemovedTables {
    guard let removed = tables.removed else { throw LMDBError.notWritable }
    return removed
  }

  func put(_ removal: Removal) throws {
    try put(try SealedJSON.encode(removal), for: removal.number, in: removedTables().removals)
  }

  func put(_ person: RemovedPerson, as id: PersonID) throws {
    let removed = try removedTables()
    try put(person.encoded(as: id), for: id.rawValue, in: removed.persons)
    try put(id.rawValue, for: person.mark, in: removed.marks)
  }

  func put(_ face: RemovedFace, as id: FaceID) throws {
    let removed = try removedTables()
    try put(face.encoded(as: id), for: id.rawValue, in: removed.faces)
    for mark in face.marks { try put(id.rawValue, for: mark, in: removed.marks) }
  }

  func drop(removal number: UInt64) throws { try remove(number, from: removedTables().removals) }

  func drop(removedPerson id: PersonID) throws {
    let removed = try removedTables()
    // Of one that cannot be read the mark stays until a repair; it leads to nothing.
    if let person = try? removedPerson(id) {
      try remove(id.rawValue, of: person.mark, from: removed.marks)
    }
    try remove(id.rawValue, from: removed.persons)
  }

  func drop(removedFace id: FaceID) throws {
    let removed = try removedTables()
    if let face = try? removedFace(id) {
      for mark in face.marks { try remove(id.rawValue, of: mark, from: removed.marks) }
    }
    try remove(id.rawValue, from: removed.faces)
  }

  func notePurge() { log.purge() }

  func forgetRemovals() throws {
    let removed = try removedTables()
    try removeAll(from: removed.removals)
    try removeAll(from: removed.persons)
    try removeAll(from: removed.faces)
    try removeAll(from: removed.marks)
  }

  func bringBack(_ person: RemovedPerson, as id: PersonID) throws {
    try put(EncodedPerson(person.record).encoded, for: id.rawValue, in: tables.persons)
    try put(id.rawValue, for: person.record.name, in: tables.personsByName, mode: .insert)
    try list(person.record.name, of: id)
    for (key, value) in person.tags { try setTag(key, value, of: .person(id)) }
    log.noteReturn(of: id)
  }

  func bringBack(_ face: RemovedFace, as id: FaceID, of person: PersonID) throws {
    var record = face.record
    record.person = person
    try put(try encoded(record, face.vector, face.thumbnail), face.vector, face.thumbnail, as: id)
    for (key, value) in face.tags { try setTag(key, value, of: .face(id)) }
    if person == .unnamed, let group = face.group { try setGroup(group, of: id) }
    log.note(.added, face: id, person: person)
  }

  /// Makes `removedMarks` and the figures of removals anew.
  func listRemoved() throws {
    let removed = try removedTables()
    try removeAll(from: removed.marks)
    let removals = try removals()
    let known = Set(removals.map(\.number))
    var people: [UInt64: Int] = [:]
    var faces: [UInt64: Int] = [:]
    for id in try numbers(in: removed.persons).map({ PersonID(rawValue: $0) }) {
      guard let person = try removedPerson(id), known.contains(person.removal) else {
        try drop(removedPerson: id)
        continue
      }
      try put(id.rawValue, for: person.mark, in: removed.marks)
      people[person.removal, default: 0] += 1
    }
    for id in try numbers(in: removed.faces).map({ FaceID(rawValue: $0) }) {
      guard let face = try removedFace(id), known.contains(face.removal) else {
        try drop(removedFace: id)
        continue
      }
      for mark in face.marks { try put(id.rawValue, for: mark, in: removed.marks) }
      faces[face.removal, default: 0] += 1
    }
    for var removal in removals {
      (removal.people, removal.faces) = (people[removal.number] ?? 0, faces[removal.number] ?? 0)
      if removal.isEmpty { try drop(removal: removal.number) } else { try put(removal) }
    }
  }

  private func numbers(in table: Database<UInt64, [UInt8]>) throws -> [UInt64] {
    var numbers: [UInt64] = []
    try scan(table) { number, _ in
      numbers.append(number)
      return true
    }
    return numbers
  }
}
