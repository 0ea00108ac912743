internal import FaceEngine
internal import Foundation
internal import LMDB
internal import Support

/// What both kinds of transaction of an ``LMDBStore`` do: read.
protocol LMDBReading: StoreSnapshot, Transaction, ~Copyable {
  var store: LMDBStore { get }
}

/// The state of the last commit.
struct LMDBSnapshot: LMDBReading, ~Copyable {
  let store: LMDBStore
  // Good as long as the transaction is open, which is as long as the closure runs that is given this.
  let raw: RawTransaction

  /// The same, for as long.
  var again: LMDBSnapshot { LMDBSnapshot(store: store, raw: raw) }
}

extension LMDBReading where Self: ~Copyable {
  var tables: Tables { store.tables }

  // MARK: The store

  func counters() throws -> Counters {
    guard let bytes = try value(for: MetaKey.counters, in: tables.meta) else {
      throw GalleryError.damaged("it has no counters")
    }
    return try decoding("the counters") { try Counters(decoding: bytes) }
  }

  func copiedFaces(after face: UInt64, limit: Int) throws -> [CopiedFace] {
    guard limit > 0, face < .max else { return [] }
    var vectors: [(face: FaceID, bytes: [UInt8])] = []
    try forEachVector(from: face + 1) { number, bytes in
      vectors.append((FaceID(rawValue: number), Array(bytes)))
      return vectors.count < limit
    }
    try verifyVectors(of: vectors.map(\.face.rawValue))
    var faces: [CopiedFace] = []
    for (id, bytes) in vectors {
      faces.append(
        CopiedFace(
          id: id, record: try storedRecord(id), vector: bytes, thumbnail: try thumbnail(of: id),
          tags: try tags(of: .face(id)),
          group: try tables.groups.flatMap { try value(for: id.rawValue, in: $0) }))
    }
    return faces
  }

  func copiedPeople(after person: UInt64, limit: Int) throws -> [CopiedPerson] {
    guard limit > 0, person < .max else { return [] }
    var ids: [PersonID] = []
    try scan(tables.persons, from: person + 1) { number, _ in
      ids.append(PersonID(rawValue: number))
      return ids.count < limit
    }
    return try ids.compactMap { id in
      try personRecord(id).map { CopiedPerson(id: id, record: $0, tags: try tags(of: .person(id))) }
    }
  }

  func history() throws -> UInt64 {
    guard let bytes = try value(for: MetaKey.history, in: tables.meta) else { return 0 }
    return try decoding("the number of its history") {
      var reader = ByteReader(bytes)
      return try reader.integer()
    }
  }

  func fingerprint() throws -> EngineFingerprint? { try storedFingerprint()?.fingerprint }

  /// What a vector must be like; nil before the first face.
  func vectorForm() throws -> VectorForm? { try storedFingerprint()?.form }

  private func storedFingerprint() throws -> StoredFingerprint? {
    guard let bytes = try value(for: MetaKey.fingerprint, in: tables.meta) else { return nil }
    return try decoding("the engine's fingerprint") { try store.fingerprints.decode(bytes) }
  }

  func operatingPoint() throws -> OperatingPoint? {
    guard let bytes = try value(for: MetaKey.operatingPoint, in: tables.meta) else { return nil }
    return try decoding("the operating point") { try store.operatingPoints.decode(bytes) }
  }

  func engineSpecification() throws -> EngineSpecification? {
    guard let bytes = try value(for: MetaKey.engineSpecification, in: tables.meta) else { return nil }
    return try decoding("the engine's choice") {
      try SealedJSON.decode(EngineSpecification.self, from: bytes)
    }
  }

  func formerNames() throws -> FormerNames {
    guard let bytes = try value(for: MetaKey.formerNames, in: tables.meta) else { return FormerNames() }
    return try decoding("the list of former names") { try SealedJSON.decode(FormerNames.self, from: bytes) }
  }

  func space() throws -> StoreSpace {
    StoreSpace(used: store.environment.usedBytes, free: try freeBytes())
  }

  func decoding<Value>(_ what: @autoclosure () -> String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw GalleryError.damaged("\(what()) cannot be read")
    }
  }

  // MARK: People

  func personCount() throws -> Int { try count(of: tables.persons) }

  func contains(_ person: PersonID) throws -> Bool { try contains(person.rawValue, in: tables.persons) }

  func encodedPerson(_ id: PersonID) throws -> EncodedPerson? {
    guard let bytes = try value(for: id.rawValue, in: tables.persons) else { return nil }
    return try decoding("the record of person \(id)") { try EncodedPerson(decoding: bytes) }
  }

  func personRecord(_ id: PersonID) throws -> StoredPerson? { try encodedPerson(id)?.record }

  func person(exactly name: PersonName) throws -> PersonID? {
    guard let number = try value(for: name.text, in: tables.personsByName) else { return nil }
    let id = PersonID(rawValue: number)
    guard try personRecord(id)?.name == name.text else {
      throw GalleryError.damaged("the name “\(name.text)” leads to nobody of that name")
    }
    return id
  }

  func forEachPerson(after name: String?, _ body: (String, PersonID) throws -> Bool) throws {
    try withCursor(in: tables.personsByName) { cursor in
      var isThere = if let name { try cursor.seek(name) } else { try cursor.next() }
      if let name, isThere, try cursor.key == name { isThere = try cursor.next() }
      while isThere, try body(cursor.key, PersonID(rawValue: cursor.value)) { isThere = try cursor.next() }
    }
  }

  // MARK: Faces

  func faceCount() throws -> Int { try count(of: tables.vectors) }

  func faceCount(of person: PersonID) throws -> Int {
    try withCursor(in: tables.facesByPerson) { cursor in
      try cursor.find(person.rawValue) ? try cursor.duplicateCount() : 0
    }
  }

  func contains(_ face: FaceID) throws -> Bool { try contains(face.rawValue, in: tables.faces) }

  func encodedFace(_ id: FaceID) throws -> EncodedFace? {
    guard let bytes = try value(for: id.rawValue, in: tables.faces) else { return nil }
    return try decoding("the record of face \(id)") { try EncodedFace(decoding: bytes) }
  }

  func faceRecord(_ id: FaceID) throws -> StoredFace? { try encodedFace(id)?.record }

  func faces(of person: PersonID) throws -> [FaceID] {
    try duplicates(of: person.rawValue, in: tables.facesByPerson)
  }

  func faces(in photo: PhotoDigest) throws -> [FaceID] {
    try duplicates(of: photo.bytes, in: tables.facesBySource)
  }

  private func duplicates<Key>(of key: Key, in table: Database<Key, UInt64>) throws -> [FaceID] {
    try withCursor(in: table) { cursor in
      var faces: [FaceID] = []
      guard try cursor.find(key) else { return faces }
      repeat { faces.append(FaceID(rawValue: try cursor.value)) } while try cursor.nextDuplicate()
      return faces
    }
  }

  func namedFaces(after face: FaceID?, offset: Int, limit: Int) throws -> [FaceID] {
    let hasUnnamed = try contains(PersonID.unnamed.rawValue, in: tables.facesByPerson)
    return try withCursor(in: tables.faces) { cursor in
      var skipped = 0
      var ids: [FaceID] = []
      var isThere = if let face { try cursor.seek(face.rawValue) } else { try cursor.next() }
      if let face, isThere, try cursor.key == face.rawValue { isThere = try cursor.next() }
      while ids.count < limit, isThere {
        var isNamed = true
        if hasUnnamed {
          let bytes = try cursor.value
          let record = try decoding("the record of face \((try? cursor.key) ?? 0)") {
            try EncodedFace(decoding: bytes)
          }
          isNamed = record.record.person != .unnamed
        }
        if isNamed, skipped < offset {
          skipped += 1
        } else if isNamed {
          ids.append(FaceID(rawValue: try cursor.key))
        }
        isThere = try cursor.next()
      }
      return ids
    }
  }

  func forEachFace(_ body: (FaceID, StoredFace) throws -> Bool) throws {
    try forEachEncodedFace { try body($0, $1.record) }
  }

  func forEachEncodedFace(_ body: (FaceID, EncodedFace) throws -> Bool) throws {
    try scan(tables.faces) { face, bytes in
      let copy = bytes.withUnsafeBytes { Array($0) }
      return try body(
        FaceID(rawValue: face), decoding("the record of face \(face)") { try EncodedFace(decoding: copy) })
    }
  }

  func forEachOwner(_ body: (FaceID, PersonID) throws -> Void) throws {
    try scan(tables.facesByPerson) { person, bytes in
      if let face = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) {
        try body(FaceID(rawValue: face), PersonID(rawValue: person))
      }
      return true
    }
  }

  func thumbnailCount() throws -> Int { try tables.thumbnails.map { try count(of: $0) } ?? 0 }

  func hasThumbnail(of face: FaceID) throws -> Bool {
    try tables.thumbnails.map { try contains(face.rawValue, in: $0) } ?? false
  }

  func thumbnail(of face: FaceID) throws -> [UInt8]? {
    guard let table = tables.thumbnails, let thumbnail = try value(for: face.rawValue, in: table) else {
      return nil
    }
    if let sum = try encodedFace(face)?.checksums?.thumbnail, sum != 0, sum != CRC32C.of(thumbnail) {
      throw GalleryError.damaged("the thumbnail of face \(face) is not what was written")
    }
    return thumbnail
  }

  // MARK: Vectors

  func withVector(of face: UInt64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    try withBytes(for: face, in: tables.vectors) { bytes in
      guard let bytes else { return false }
      try bytes.withUnsafeBytes(body)
      return true
    }
  }

  func forEachVector(from first: UInt64, _ body: (UInt64, UnsafeRawBufferPointer) throws -> Bool) throws {
    try scan(tables.vectors, from: first) { face, bytes in try bytes.withUnsafeBytes { try body(face, $0) } }
  }

  func forEachBatch(
    of faces: ClosedRange<UInt64>, _ body: (UnsafeBufferPointer<NumberedBytes>) throws -> Void
  ) throws {
    try scanBatches(tables.vectors, in: faces.lowerBound..<faces.upperBound + 1, body)
  }

  /// Makes sure that a face's vector is what was written; those from before format 1.3 have no checksum.
  func verifyVector(
    _ bytes: UnsafeRawBufferPointer, of face: UInt64, _ checksums: EncodedFace.Checksums?, _ form: VectorForm
  ) throws {
    guard bytes.count == 4 * form.dimension else {
      throw GalleryError.damaged("the vector of face \(face) has \(bytes.count) bytes")
    }
    guard let checksums, checksums.engine == form.engine else { return }
    guard CRC32C.of(bytes) == checksums.vector else {
      throw GalleryError.damaged("the vector of face \(face) is not what was written")
    }
  }

  func verifyVectors(of faces: [UInt64]) throws {
    guard let form = try vectorForm() else { return }
    for face in faces {
      guard let stored = try encodedFace(FaceID(rawValue: face)) else {
        throw GalleryError.damaged("face \(face) has a vector and no record")
      }
      let isThere = try withVector(of: face) { try verifyVector($0, of: face, stored.checksums, form) }
      guard isThere else { throw GalleryError.damaged("the vector of face \(face) is missing") }
    }
  }

  func forEachEmbedding(_ body: (FaceID, StoredFace, UnsafeRawBufferPointer) throws -> Void) throws {
    guard let form = try vectorForm() else { return }
    try forEachVector(from: 0) { face, vector in
      guard let stored = try encodedFace(FaceID(rawValue: face)) else {
        throw GalleryError.damaged("face \(face) has a vector and no record")
      }
      try verifyVector(vector, of: face, stored.checksums, form)
      try body(FaceID(rawValue: face), stored.record, vector)
      return true
    }
  }

  // MARK: Tags and groups

  func hasTags() throws -> Bool { try tables.tags.map { try count(of: $0) > 0 } ?? false }

  func tags(of owner: TagOwner) throws -> [String: String] {
    guard let table = tables.tags else { return [:] }
    let prefix = owner.prefix
    return try withCursor(in: table) { cursor in
      var found: [String: String] = [:]
      guard try cursor.seek(prefix) else { return found }
      repeat {
        let bytes = try cursor.key
        guard bytes.starts(with: prefix) else { break }
        guard let (_, key) = TagOwner.decode(bytes) else {
          throw GalleryError.damaged("tags cannot be read")
        }
        let value = try cursor.value
        // Tags have no checksums, but are listed twice.
        if let index = tables.tagsIndex,
          try !contains(owner.number, of: TagOwner.indexKey(owner.kind, key, value), in: index)
        {
          throw GalleryError.damaged("a tag is not what was written")
        }
        found[key] = String(decoding: value, as: UTF8.self)
      } while try cursor.next()
      return found
    }
  }

  func people(tagged key: String, _ value: String?) throws -> [PersonID] {
    try owners(TagOwner.personKind, key, value).map { PersonID(rawValue: $0) }
  }

  func faces(tagged key: String, _ value: String?) throws -> [FaceID] {
    try owners(TagOwner.faceKind, key, value).map { FaceID(rawValue: $0) }
  }

  private func owners(_ kind: UInt8, _ key: String, _ value: String?) throws -> [UInt64] {
    guard let index = tables.tagsIndex else { return [] }
    let (wanted, wantedValue) = (NameKey(of: key), value.map { (text: $0, key: NameKey(of: $0)) })
    return try withCursor(in: index) { cursor in
      var owners: Set<UInt64> = []
      var isThere = try cursor.seek([kind])
      while isThere {
        let listed = try cursor.key
        guard listed.first == kind, let end = listed.firstIndex(of: 0) else { break }
        if NameKey(of: String(decoding: listed[1..<end], as: UTF8.self)) != wanted {
          // To the next key, over all values of this one.
          isThere = try cursor.seek(Array(listed[..<end]) + [1])
          continue
        }
        let text = String(decoding: listed[(end + 1)...], as: UTF8.self)
        if wantedValue.map({ $0.text == text || $0.key == NameKey(of: text) }) ?? true {
          repeat { owners.insert(try cursor.value) } while try cursor.nextDuplicate()
        }
        isThere = try cursor.nextKey()
      }
      return owners.sorted()
    }
  }

  func groups() throws -> [UInt64: [FaceID]] {
    var groups: [UInt64: [FaceID]] = [:]
    guard let table = tables.groups else { return groups }
    try scan(table) { face, bytes in
      if let group = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) {
        groups[group, default: []].append(FaceID(rawValue: face))
      }
      return true
    }
    return groups
  }

  // MARK: The log

  func change(_ sequence: UInt64) throws -> Change? {
    guard let bytes = try value(for: sequence, in: tables.changes) else { return nil }
    return try decoding("change \(sequence)") { try Change(decoding: bytes) }
  }

  func forEachChange(
    after sequence: UInt64, limit: Int, _ body: (UInt64, Change) throws -> Void
  ) throws {
    var remaining = limit
    var expected = sequence
    try scan(tables.changes, from: sequence + 1) { number, bytes in
      expected += 1
      guard number == expected else {
        throw GalleryError.damaged("change \(expected) is missing from the log")
      }
      guard let change = Change(bytes) else { throw GalleryError.damaged("change \(number) cannot be read") }
      try body(number, change)
      remaining -= 1
      return remaining > 0
    }
  }

  // MARK: Hints

  func prefetch(_ part: StorePart) {
    switch part {
    case .vectors(let faces): prefetch(faces, of: tables.vectors)
    case .vectorRange(let faces): prefetch(faces, of: tables.vectors)
    case .records(let faces): prefetch(faces, of: tables.faces)
    case .faces(let people): prefetch(people, of: tables.facesByPerson)
    case .changes(let range): prefetch(range, of: tables.changes)
    }
  }
}
