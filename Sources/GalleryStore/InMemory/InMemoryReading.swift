internal import FaceEngine
internal import Support

/// What snapshot and writer of an ``InMemoryStore`` do: read.
protocol InMemoryReading: StoreSnapshot, ~Copyable {
  var state: InMemoryState { get }
}

extension InMemoryReading where Self: ~Copyable {
  // MARK: The store

  var number: Int { state.number }

  func counters() -> Counters { state.counters }

  func fingerprint() -> EngineFingerprint? { state.fingerprint }

  func operatingPoint() -> OperatingPoint? { state.operatingPoint }

  func engineSpecification() -> EngineSpecification? { state.engine }

  func formerNames() -> FormerNames { state.formerNames }

  func space() -> StoreSpace {
    StoreSpace(used: state.faces.entries.reduce(0) { $0 + $1.value.vector.count }, free: 0)
  }

  // MARK: People

  func personCount() -> Int { state.people.count }

  func contains(_ person: PersonID) -> Bool { state.people[person] != nil }

  func personRecord(_ id: PersonID) -> StoredPerson? { state.people[id] }

  func person(exactly name: PersonName) -> PersonID? { state.names[name.text] }

  func people(withKey key: NameKey) -> [PersonID] {
    state.people.filter { NameKey(of: $1.name) == key }.keys.sorted()
  }

  func namesakes() -> [[PersonID]] {
    Dictionary(grouping: state.people.keys.sorted()) { NameKey(of: state.people[$0]?.name ?? "") }.values
      .filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  func forEachPerson(after name: String?, _ body: (String, PersonID) throws -> Bool) throws {
    for (other, id) in state.names.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      if let name, !name.utf8.lexicographicallyPrecedes(other.utf8) { continue }
      guard try body(other, id) else { return }
    }
  }

  // MARK: Faces

  func faceCount() -> Int { state.faces.count }

  func faceCount(of person: PersonID) -> Int { state.faces { $0.person == person }.count }

  func contains(_ face: FaceID) -> Bool { state.faces[face.rawValue] != nil }

  func faceRecord(_ id: FaceID) -> StoredFace? { state.faces[id.rawValue]?.record }

  func faces(of person: PersonID) -> [FaceID] { state.faces { $0.person == person } }

  func faces(in photo: PhotoDigest) -> [FaceID] { state.faces { $0.photo == photo } }

  func namedFaces(after face: FaceID?, offset: Int, limit: Int) -> [FaceID] {
    let faces = state.faces { $0.person != .unnamed }
    let rest = face.map { last in faces.drop { $0 <= last } } ?? faces[...]
    return Array(rest.dropFirst(offset).prefix(limit))
  }

  func forEachFace(_ body: (FaceID, StoredFace) throws -> Bool) throws {
    for (number, face) in state.faces.entries {
      guard try body(FaceID(rawValue: number), face.record) else { return }
    }
  }

  func forEachOwner(_ body: (FaceID, PersonID) throws -> Void) throws {
    for (number, face) in state.faces.entries { try body(FaceID(rawValue: number), face.record.person) }
  }

  func thumbnailCount() -> Int { state.faces.entries.count { $0.value.thumbnail != nil } }

  func hasThumbnail(of face: FaceID) -> Bool { state.faces[face.rawValue]?.thumbnail != nil }

  func thumbnail(of face: FaceID) -> [UInt8]? { state.faces[face.rawValue]?.thumbnail }

  // MARK: Vectors

  func withVector(of face: UInt64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    guard let vector = state.faces[face]?.vector else { return false }
    try vector.withUnsafeBytes(body)
    return true
  }

  func forEachVector(from first: UInt64, _ body: (UInt64, UnsafeRawBufferPointer) throws -> Bool) throws {
    let state = state
    for (number, face) in state.faces.entries[state.faces.place(of: first)...] {
      guard try face.vector.withUnsafeBytes({ try body(number, $0) }) else { return }
    }
  }

  func forEachBatch(
    of faces: ClosedRange<UInt64>, _ body: (UnsafeBufferPointer<NumberedBytes>) throws -> Void
  ) throws {
    try forEachVector(from: faces.lowerBound) { number, bytes in
      guard number <= faces.upperBound else { return false }
      try withUnsafePointer(to: NumberedBytes(number: number, bytes: bytes)) {
        try body(UnsafeBufferPointer(start: $0, count: 1))
      }
      return true
    }
  }

  func verifyVectors(of faces: [UInt64]) throws {
    for face in faces where state.faces[face] == nil {
      throw GalleryError.damaged("the vector of face \(face) is missing")
    }
  }

  func forEachEmbedding(_ body: (FaceID, StoredFace, UnsafeRawBufferPointer) throws -> Void) throws {
    for (number, face) in state.faces.entries {
      try face.vector.withUnsafeBytes { try body(FaceID(rawValue: number), face.record, $0) }
    }
  }

  // MARK: Tags and groups

  func hasTags() -> Bool { !state.tags.isEmpty }

  func tags(of owner: TagOwner) -> [String: String] { state.tags[owner] ?? [:] }

  func people(tagged key: String, _ value: String?) -> [PersonID] {
    tagged(key, value).compactMap { if case .person(let id) = $0 { id } else { nil } }.sorted()
  }

  func faces(tagged key: String, _ value: String?) -> [FaceID] {
    tagged(key, value).compactMap { if case .face(let id) = $0 { id } else { nil } }.sorted()
  }

  private func tagged(_ key: String, _ value: String?) -> [TagOwner] {
    let (key, value) = (NameKey(of: key), value.map { NameKey(of: $0) })
    return state.tags.compactMap { owner, tags in
      let isMeant = tags.contains { NameKey(of: $0) == key && (value == nil || NameKey(of: $1) == value) }
      return isMeant ? owner : nil
    }
  }

  func groups() -> [UInt64: [FaceID]] {
    Dictionary(grouping: state.groups.keys.sorted()) { state.groups[$0] ?? 0 }
  }

  // MARK: Removals that can be undone

  func keepsRemoved() -> Bool { !state.removals.isEmpty }

  func removals() -> [Removal] { state.removals.values.sorted { $0.number < $1.number } }

  func latestRemoval() -> UInt64? { state.removals.keys.max() }

  func removal(_ number: UInt64) -> Removal? { state.removals[number] }

  func removedPeople(of removal: UInt64) -> [PersonID] {
    state.removedPeople.filter { $1.removal == removal }.keys.sorted()
  }

  func removedFaces(of removal: UInt64) -> [FaceID] { removedFaces { $0.removal == removal } }

  func removedPerson(_ id: PersonID) -> RemovedPerson? { state.removedPeople[id] }

  func removedFace(_ id: FaceID) -> RemovedFace? { state.removedFaces[id] }

  func removedPeople(named digest: String) -> [PersonID] {
    state.removedPeople.filter { FormerNames.digest(NameKey(of: $1.record.name)) == digest }.keys.sorted()
  }

  func removedFaces(named digest: String) -> [FaceID] {
    removedFaces { !$0.name.isEmpty && FormerNames.digest(NameKey(of: $0.name)) == digest }
  }

  func removedFaces(of person: PersonID) -> [FaceID] { removedFaces { $0.record.person == person } }

  func removedFaces(in photo: PhotoDigest) -> [FaceID] { removedFaces { $0.record.photo == photo } }

  func removedFaces(withVector vector: [UInt8]) -> [FaceID] { removedFaces { $0.vector == vector } }

  private func removedFaces(where holds: (RemovedFace) -> Bool) -> [FaceID] {
    state.removedFaces.filter { holds($1) }.keys.sorted()
  }

  // MARK: The log

  func change(_ sequence: UInt64) -> Change? {
    let state = state
    guard sequence > state.counters.trimmed, sequence <= state.counters.sequence else { return nil }
    return state.log[Int(sequence - state.counters.trimmed) - 1]
  }

  func forEachChange(
    after sequence: UInt64, limit: Int, _ body: (UInt64, Change) throws -> Void
  ) throws {
    let state = state
    guard sequence >= state.counters.trimmed else {
      throw GalleryError.damaged("change \(sequence + 1) is missing from the log")
    }
    for (place, change) in state.log.dropFirst(Int(sequence - state.counters.trimmed)).prefix(limit)
      .enumerated()
    {
      try body(sequence + 1 + UInt64(place), change)
    }
  }
}
