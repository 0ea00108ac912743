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

  /// The beginning of the key's SHA-256.
  static func name(_ key: NameKey) -> [UInt8] { [4] + SHA256.digest(of: key.bytes).prefix(16) }
}

/// A removed face as `removedFaces` holds it; docs/gallery-format.md has the bytes.
struct EncodedRemovedFace {
  var face: RemovedFace
  /// Whose vector it is; see ``VectorForm/engine``.
  var engine: UInt32

  private static let version: UInt8 = 1

  /// By what it is found.
  var marks: [[UInt8]] {
    [RemovedMark.person(face.record.person), RemovedMark.vector(face.vector)]
      + (face.record.photo.map { [RemovedMark.photo($0)] } ?? [])
  }

  /// The face's record with its checksums.
  var record: EncodedFace {
    EncodedFace(
      face.record,
      checksums: EncodedFace.Checksums(
        engine: engine, vector: CRC32C.of(face.vector), thumbnail: face.thumbnail.map { CRC32C.of($0) } ?? 0))
  }

  func encoded(as id: FaceID) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    for value in [face.removal, id.rawValue, face.newest] { writer.integer(value) }
    writer.text(face.name)
    writer.block(record.encoded)
    writer.tags(face.tags)
    writer.block(face.vector)
    writer.block(face.thumbnail ?? [])
    writer.seal()
    return writer.bytes
  }

  init(_ face: RemovedFace, engine: UInt32) { (self.face, self.engine) = (face, engine) }

  init(decoding bytes: [UInt8], of id: FaceID) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let removal = try reader.integer(UInt64.self)
    guard try reader.integer(UInt64.self) == id.rawValue else { throw ByteReader.Malformed() }
    let newest = try reader.integer(UInt64.self)
    let name = try reader.text()
    let stored = try EncodedFace(decoding: try reader.block())
    let tags = try reader.tags()
    let (vector, thumbnail) = (try reader.block(), try reader.block())
    face = RemovedFace(
      removal: removal, record: stored.record, name: name, tags: tags, vector: vector,
      thumbnail: thumbnail.isEmpty ? nil : thumbnail, newest: newest)
    engine = stored.checksums?.engine ?? 0
  }
}

/// A removed person as `removedPersons` holds one; docs/gallery-format.md has the bytes.
struct EncodedRemovedPerson {
  var person: RemovedPerson

  private static let version: UInt8 = 1

  /// By what the person is found.
  var mark: [UInt8] { RemovedMark.name(NameKey(of: person.record.name)) }

  func encoded(as id: PersonID) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(Self.version)
    for value in [person.removal, id.rawValue, UInt64(person.faceCount)] { writer.integer(value) }
    writer.block(EncodedPerson(person.record).encoded)
    writer.tags(person.tags)
    writer.seal()
    return writer.bytes
  }

  init(_ person: RemovedPerson) { self.person = person }

  init(decoding bytes: [UInt8], of id: PersonID) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let removal = try reader.integer(UInt64.self)
    guard try reader.integer(UInt64.self) == id.rawValue,
      let faceCount = Int(exactly: try reader.integer(UInt64.self))
    else { throw ByteReader.Malformed() }
    let stored = try EncodedPerson(decoding: try reader.block())
    person = RemovedPerson(
      removal: removal, record: stored.record, tags: try reader.tags(), faceCount: faceCount)
  }
}

extension ByteWriter {
  /// Bytes after their number in four bytes.
  fileprivate mutating func block(_ bytes: [UInt8]) {
    integer(UInt32(bytes.count))
    raw(bytes)
  }

  fileprivate mutating func tags(_ tags: [String: String]) {
    integer(UInt32(tags.count))
    for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
      block(Array(key.utf8))
      block(Array(value.utf8))
    }
  }
}

extension ByteReader {
  fileprivate mutating func block() throws(Malformed) -> [UInt8] {
    Array(try raw(Int(try integer(UInt32.self))))
  }

  fileprivate mutating func tags() throws(Malformed) -> [String: String] {
    var tags: [String: String] = [:]
    for _ in 0..<(try integer(UInt32.self)) {
      guard let key = String(validating: try block(), as: UTF8.self),
        let value = String(validating: try block(), as: UTF8.self)
      else { throw Malformed() }
      tags[key] = value
    }
    return tags
  }
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
      let bytes = bytes.withUnsafeBytes { Array($0) }
      let removal = try decoding("removal \(number)") { try SealedJSON.decode(Removal.self, from: bytes) }
      guard removal.number == number else { throw GalleryError.damaged("removal \(number) cannot be read") }
      removals.append(removal)
      return true
    }
    return removals
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
    return try decoding("person \(id) of a removal") {
      try EncodedRemovedPerson(decoding: bytes, of: id).person
    }
  }

  func removedFace(_ id: FaceID) throws -> RemovedFace? { try encodedRemovedFace(id)?.face }

  func encodedRemovedFace(_ id: FaceID) throws -> EncodedRemovedFace? {
    guard let table = tables.removed?.faces, let bytes = try value(for: id.rawValue, in: table) else {
      return nil
    }
    return try decoding("face \(id) of a removal") { try EncodedRemovedFace(decoding: bytes, of: id) }
  }

  func removedPeople(withKey key: NameKey) throws -> [PersonID] {
    let mark = RemovedMark.name(key)
    return try marked(mark).map { PersonID(rawValue: $0) }.filter { id in
      (try? removedPerson(id)).map { EncodedRemovedPerson($0).mark } == mark
    }
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

  /// Marks have no checksums, but what they lead to does.
  private func faces(marked mark: [UInt8]) throws -> [FaceID] {
    try marked(mark).map { FaceID(rawValue: $0) }.filter { id in
      (try? encodedRemovedFace(id))?.marks.contains(mark) == true
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
    let (encoded, removed) = (EncodedRemovedPerson(person), try removedTables())
    try put(encoded.encoded(as: id), for: id.rawValue, in: removed.persons)
    try put(id.rawValue, for: encoded.mark, in: removed.marks)
  }

  func put(_ face: RemovedFace, as id: FaceID) throws {
    // A face that comes from another removal is of the engine of now, too: else it is forgotten.
    let engine = try encodedFace(id)?.checksums?.engine ?? vectorForm()?.engine ?? 0
    let (encoded, removed) = (EncodedRemovedFace(face, engine: engine), try removedTables())
    try put(encoded.encoded(as: id), for: id.rawValue, in: removed.faces)
    for mark in encoded.marks { try put(id.rawValue, for: mark, in: removed.marks) }
  }

  func drop(removal number: UInt64) throws { try remove(number, from: removedTables().removals) }

  func drop(removedPerson id: PersonID) throws {
    let removed = try removedTables()
    // Of one that cannot be read the mark stays until a repair; it leads to nothing.
    if let person = try? removedPerson(id) {
      try remove(id.rawValue, of: EncodedRemovedPerson(person).mark, from: removed.marks)
    }
    try remove(id.rawValue, from: removed.persons)
  }

  func drop(removedFace id: FaceID) throws {
    let removed = try removedTables()
    if let face = try? encodedRemovedFace(id) {
      for mark in face.marks { try remove(id.rawValue, of: mark, from: removed.marks) }
    }
    try remove(id.rawValue, from: removed.faces)
  }

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
    log.note(.renamed, person: id)
  }

  func bringBack(_ face: RemovedFace, as id: FaceID, of person: PersonID) throws {
    guard let form = try vectorForm() else { throw GalleryError.engineUnknown }
    var encoded = EncodedRemovedFace(face, engine: form.engine).record
    encoded.record.person = person
    try put(encoded, face.vector, face.thumbnail, as: id)
    for (key, value) in face.tags { try setTag(key, value, of: .face(id)) }
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
      try put(id.rawValue, for: EncodedRemovedPerson(person).mark, in: removed.marks)
      people[person.removal, default: 0] += 1
    }
    for id in try numbers(in: removed.faces).map({ FaceID(rawValue: $0) }) {
      guard let face = try encodedRemovedFace(id), known.contains(face.face.removal) else {
        try drop(removedFace: id)
        continue
      }
      for mark in face.marks { try put(id.rawValue, for: mark, in: removed.marks) }
      faces[face.face.removal, default: 0] += 1
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
