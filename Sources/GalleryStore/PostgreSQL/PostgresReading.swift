internal import FaceEngine
internal import Foundation
internal import PostgreSQL
internal import Support

/// What snapshot and writer of a ``PostgresStore`` do: read.
///
/// Long lists are read in pages, each beginning behind the last row of the one before, so that `body` may ask for other things meanwhile.
protocol PostgresReading: StoreSnapshot, ~Copyable {
  var session: PostgresSession { get }
}

/// The state of the last commit, as long as its transaction lasts.
///
/// It can be copied, unlike LMDB's: all of it is in the session, and Swift 6.3's optimiser fails on functions that make one where it cannot.
struct PostgresSnapshot: PostgresReading {
  let session: PostgresSession
}

extension PostgresReading where Self: ~Copyable {
  // MARK: The store

  var number: Int { Int(session.head.commits) }

  func counters() -> Counters { session.head.counters }

  func fingerprint() throws -> EngineFingerprint? {
    try sealed("fingerprint", session.fingerprint) { try session.store.fingerprints.decode($0) }
  }

  func operatingPoint() throws -> OperatingPoint? {
    try sealed("operating point", session.operatingPoint) { try session.store.operatingPoints.decode($0) }
  }

  func engineSpecification() throws -> EngineSpecification? {
    try sealed("engine", session.engine) { try SealedJSON.decode(EngineSpecification.self, from: $0) }
  }

  private func sealed<Value>(
    _ what: String, _ text: String?, _ decode: ([UInt8]) throws -> Value
  ) throws -> Value? {
    guard let text else { return nil }
    do {
      return try decode(Array(text.utf8))
    } catch {
      throw GalleryError.damaged("its \(what) cannot be read")
    }
  }

  func formerNames() throws -> FormerNames {
    let result = try session.query("SELECT former_names FROM gallery")
    guard result.count > 0 else { return FormerNames() }
    return try sealed("list of former names", result.text(0, 0)) {
      try SealedJSON.decode(FormerNames.self, from: $0)
    } ?? FormerNames()
  }

  func space() throws -> StoreSpace {
    let used = try session.number(
      """
      SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
      WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
      """, [.text(session.store.address.schema)])
    return StoreSpace(used: used, free: 0)
  }

  // MARK: People

  func personCount() -> Int { Int(session.people) }

  func contains(_ person: PersonID) throws -> Bool {
    if session.cache?.people[person] != nil { return true }
    return try session.exists("SELECT 1 FROM persons WHERE person = $1", [.id(person.rawValue)])
  }

  func personRecord(_ id: PersonID) throws -> StoredPerson? {
    if let known = session.cache?.people[id] { return known }
    let result = try session.query(
      "SELECT name, created, picture FROM persons WHERE person = $1", [.id(id.rawValue)])
    return result.count == 0 ? nil : try result.person(0, 0)
  }

  func person(exactly name: PersonName) throws -> PersonID? {
    try session.numbers("SELECT person FROM persons WHERE name = $1", [.text(name.text)]).first
      .map(PersonID.init(rawValue:))
  }

  func people(withKey key: NameKey) throws -> [PersonID] {
    try session.numbers("SELECT person FROM persons WHERE name_key = $1 ORDER BY person", [.bytes(key.bytes)])
      .map(PersonID.init(rawValue:))
  }

  func namesakes() throws -> [[PersonID]] {
    let result = try session.query(
      """
      SELECT person, name_key FROM persons WHERE name_key IN
      (SELECT name_key FROM persons GROUP BY name_key HAVING count(*) > 1) ORDER BY person
      """)
    var groups: [[UInt8]: [PersonID]] = [:]
    for row in 0..<result.count {
      groups[result.bytes(row, 1) ?? [], default: []].append(try result.owner(row, 0))
    }
    return groups.values.sorted { $0[0] < $1[0] }
  }

  func forEachPerson(after name: String?, _ body: (String, PersonID) throws -> Bool) throws {
    let length = 1000
    let count =
      session.cache == nil
      ? "" : ", (SELECT count(*) FROM faces WHERE faces.person = persons.person)"
    var last = name ?? ""
    while true {
      let result = try session.query(
        "SELECT name, created, picture, person\(count) FROM persons WHERE name > $1 ORDER BY name LIMIT $2",
        [.text(last), .integer(Int64(length))])
      var people: [(id: PersonID, record: StoredPerson)] = []
      session.cache?.makeRoom(for: result.count)
      for row in 0..<result.count {
        let (id, record) = (try result.owner(row, 3), try result.person(row, 0))
        people.append((id, record))
        if let cache = session.cache {
          cache.people[id] = record
          cache.faceCounts[id] = Int(try result.number(row, 4))
        }
      }
      for (id, record) in people {
        guard try body(record.name, id) else { return }
        last = record.name
      }
      if people.count < length { return }
    }
  }

  // MARK: Faces

  func faceCount() -> Int { Int(session.faces) }

  func faceCount(of person: PersonID) throws -> Int {
    if person == .unnamed { return Int(session.unnamed) }
    if let known = session.cache?.faceCounts[person] { return known }
    return try session.number("SELECT count(*) FROM faces WHERE person = $1", [.id(person.rawValue)])
  }

  func contains(_ face: FaceID) throws -> Bool {
    if session.cache?.records[face] != nil { return true }
    return try session.exists("SELECT 1 FROM faces WHERE face = $1", [.id(face)])
  }

  func faceRecord(_ id: FaceID) throws -> StoredFace? {
    if let known = session.cache?.records[id] { return known }
    let result = try session.query("SELECT \(Self.faceColumns) FROM faces WHERE face = $1", [.id(id)])
    return result.count == 0 ? nil : try result.storedFace(0)
  }

  /// What ``QueryResult/storedFace(_:)`` reads, and the face's number before it.
  static var faceColumns: String { "face, person, added, photo, detection, path" }

  func faces(of person: PersonID) throws -> [FaceID] {
    if let known = session.cache?.faceLists[person] { return known }
    let (condition, values): (String, [SQLValue]) =
      person == .unnamed ? ("person IS NULL", []) : ("person = $1", [.id(person.rawValue)])
    let ids = try faces(where: condition, values)
    session.cache?.faceLists[person] = ids
    return ids
  }

  func faces(in photo: PhotoDigest) throws -> [FaceID] {
    try faces(where: "photo = $1", [.bytes(photo.bytes)])
  }

  func namedFaces(after face: FaceID?, offset: Int, limit: Int) throws -> [FaceID] {
    try faces(
      where: "person IS NOT NULL AND face > $1", [.id(face ?? FaceID(rawValue: 0))],
      limit: (offset, limit))
  }

  /// The faces that meet a condition, older ones first; a snapshot remembers their records, which are asked for next.
  private func faces(
    where condition: String, _ values: [SQLValue], limit: (offset: Int, count: Int)? = nil
  ) throws -> [FaceID] {
    var values = values
    var end = ""
    if let limit {
      end = " OFFSET $\(values.count + 1) LIMIT $\(values.count + 2)"
      values += [.integer(Int64(limit.offset)), .integer(Int64(limit.count))]
    }
    let columns = session.cache == nil ? "face" : Self.faceColumns
    let result = try session.query(
      "SELECT \(columns) FROM faces WHERE \(condition) ORDER BY face\(end)", values)
    var ids: [FaceID] = []
    ids.reserveCapacity(result.count)
    let cache = result.count <= PostgresCache.limit ? session.cache : nil
    cache?.makeRoom(for: result.count)
    for row in 0..<result.count {
      let id = try result.face(row, 0)
      ids.append(id)
      if let cache { cache.records[id] = try result.storedFace(row) }
    }
    return ids
  }

  func forEachFace(_ body: (FaceID, StoredFace) throws -> Bool) throws {
    let length = 2000
    var last = FaceID(rawValue: 0)
    while true {
      let result = try session.query(
        "SELECT \(Self.faceColumns) FROM faces WHERE face > $1 ORDER BY face LIMIT $2",
        [.id(last), .integer(Int64(length))])
      for row in 0..<result.count {
        last = try result.face(row, 0)
        guard try body(last, try result.storedFace(row)) else { return }
      }
      if result.count < length { return }
    }
  }

  func forEachOwner(_ body: (FaceID, PersonID) throws -> Void) throws {
    let length = 20_000
    var last = FaceID(rawValue: 0)
    while true {
      let result = try session.query(
        "SELECT face, person FROM faces WHERE face > $1 ORDER BY face LIMIT $2",
        [.id(last), .integer(Int64(length))])
      for row in 0..<result.count {
        last = try result.face(row, 0)
        try body(last, try result.owner(row, 1))
      }
      if result.count < length { return }
    }
  }

  func thumbnailCount() throws -> Int { try session.number("SELECT count(*) FROM thumbnails") }

  func hasThumbnail(of face: FaceID) throws -> Bool {
    try session.exists("SELECT 1 FROM thumbnails WHERE face = $1", [.id(face)])
  }

  func thumbnail(of face: FaceID) throws -> [UInt8]? {
    let result = try session.query("SELECT jpeg FROM thumbnails WHERE face = $1", [.id(face)])
    return result.count == 0 ? nil : result.bytes(0, 0)
  }

  // MARK: Vectors

  func withVector(of face: UInt64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    if let known = session.cache?.vectors[face] {
      try known.withUnsafeBytes(body)
      return true
    }
    guard let table = session.vectors else { return false }
    let result = try session.query("SELECT embedding FROM \(table) WHERE face = $1", [.id(face)])
    guard result.count > 0, let vector = try result.vector(0, 0) else { return false }
    try vector.withUnsafeBytes(body)
    return true
  }

  func forEachVector(from first: UInt64, _ body: (UInt64, UnsafeRawBufferPointer) throws -> Bool) throws {
    try forEachPage(of: first...UInt64(Int64.max)) { page in
      for (face, vector) in page {
        guard try vector.withUnsafeBytes({ try body(face, $0) }) else { return false }
      }
      return true
    }
  }

  func forEachBatch(
    of faces: ClosedRange<UInt64>, _ body: (UnsafeBufferPointer<NumberedBytes>) throws -> Void
  ) throws {
    try forEachPage(of: faces) { page in
      for (face, vector) in page {
        try vector.withUnsafeBytes { bytes in
          try withUnsafePointer(to: NumberedBytes(number: face, bytes: bytes)) {
            try body(UnsafeBufferPointer(start: $0, count: 1))
          }
        }
      }
      return true
    }
  }

  /// Calls `body` with the vectors of the faces in a range, some hundreds at a time, until it returns false.
  private func forEachPage(
    of faces: ClosedRange<UInt64>, _ body: ([(face: UInt64, vector: [UInt8])]) throws -> Bool
  ) throws {
    guard let table = session.vectors, faces.lowerBound <= UInt64(Int64.max) else { return }
    let length = 1024
    var next = faces.lowerBound
    let end = min(faces.upperBound, UInt64(Int64.max))
    while next <= end {
      let result = try session.query(
        "SELECT face, embedding FROM \(table) WHERE face >= $1 AND face <= $2 ORDER BY face LIMIT $3",
        [.id(next), .id(end), .integer(Int64(length))])
      var page: [(face: UInt64, vector: [UInt8])] = []
      for row in 0..<result.count {
        page.append((try result.face(row, 0).rawValue, try result.vector(row, 1) ?? []))
      }
      guard try body(page), page.count == length, let last = page.last else { return }
      next = last.face + 1
    }
  }

  func verifyVectors(of faces: [UInt64]) throws {
    var missing = Set(faces)
    if let table = session.vectors, !faces.isEmpty {
      let result = try session.query(
        "SELECT face, embedding, checksum FROM \(table) WHERE face = ANY($1)", [.ids(missing)])
      for row in 0..<result.count {
        let face = try result.face(row, 0)
        _ = try result.verifiedVector(row, 1, of: face)
        missing.remove(face.rawValue)
      }
    }
    if let face = missing.min() { throw GalleryError.damaged("the vector of face \(face) is missing") }
  }

  func forEachEmbedding(_ body: (FaceID, StoredFace, UnsafeRawBufferPointer) throws -> Void) throws {
    guard let table = session.vectors else { return }
    let length = 500
    var last = FaceID(rawValue: 0)
    while true {
      let result = try session.query(
        """
        SELECT \(Self.faceColumns), embedding, checksum FROM faces LEFT JOIN \(table) USING (face)
        WHERE face > $1 ORDER BY face LIMIT $2
        """, [.id(last), .integer(Int64(length))])
      for row in 0..<result.count {
        last = try result.face(row, 0)
        let (record, vector) = (
          try result.storedFace(row), try result.verifiedVector(row, 6, of: last)
        )
        try vector.withUnsafeBytes { try body(last, record, $0) }
      }
      if result.count < length { return }
    }
  }

  // MARK: Tags and groups

  func hasTags() throws -> Bool { try session.exists("SELECT 1 FROM tags LIMIT 1", []) }

  func tags(of owner: TagOwner) throws -> [String: String] {
    let result = try session.query(
      "SELECT key, value FROM tags WHERE kind = $1 AND owner = $2",
      [.integer(owner.sqlKind), .id(owner.sqlNumber)])
    var tags: [String: String] = [:]
    for row in 0..<result.count { tags[try result.string(row, 0)] = try result.string(row, 1) }
    return tags
  }

  func people(tagged key: String, _ value: String?) throws -> [PersonID] {
    try owners(TagOwner.person(.unnamed).sqlKind, key, value).map(PersonID.init(rawValue:))
  }

  func faces(tagged key: String, _ value: String?) throws -> [FaceID] {
    try owners(TagOwner.face(FaceID(rawValue: 0)).sqlKind, key, value).map(FaceID.init(rawValue:))
  }

  private func owners(_ kind: Int64, _ key: String, _ value: String?) throws -> [UInt64] {
    var values: [SQLValue] = [.integer(kind), .bytes(NameKey(of: key).bytes)]
    if let value { values.append(.bytes(NameKey(of: value).bytes)) }
    return try session.numbers(
      """
      SELECT DISTINCT owner FROM tags WHERE kind = $1 AND key_key = $2\(value == nil ? "" : " AND value_key = $3")
      ORDER BY owner
      """, values)
  }

  func groups() throws -> [UInt64: [FaceID]] {
    let result = try session.query("SELECT number, face FROM groups ORDER BY face")
    var groups: [UInt64: [FaceID]] = [:]
    for row in 0..<result.count {
      groups[UInt64(clamping: try result.number(row, 0)), default: []].append(try result.face(row, 1))
    }
    return groups
  }

  // MARK: Removals that can be undone

  func keepsRemoved() throws -> Bool {
    try session.exists(
      """
      SELECT 1 WHERE EXISTS (SELECT 1 FROM removals) OR EXISTS (SELECT 1 FROM removed_people)
      OR EXISTS (SELECT 1 FROM removed_faces)
      """, [])
  }

  static var removalColumns: String { "number, removed, people, faces, engine_digest, engine_word" }

  func removals() throws -> [Removal] {
    let result = try session.query("SELECT \(Self.removalColumns) FROM removals ORDER BY number")
    var removals: [Removal] = []
    for row in 0..<result.count { removals.append(try result.removal(row)) }
    return removals
  }

  func latestRemoval() throws -> UInt64? {
    try session.numbers("SELECT number FROM removals ORDER BY number DESC LIMIT 1").first
  }

  func removal(_ number: UInt64) throws -> Removal? {
    let result = try session.query(
      "SELECT \(Self.removalColumns) FROM removals WHERE number = $1", [.id(number)])
    return result.count == 0 ? nil : try result.removal(0)
  }

  func removedPeople(of removal: UInt64) throws -> [PersonID] {
    try session.numbers(
      "SELECT person FROM removed_people WHERE removal = $1 ORDER BY person", [.id(removal)]
    ).map(PersonID.init(rawValue:))
  }

  func removedFaces(of removal: UInt64) throws -> [FaceID] {
    try removedFaces(where: "removal = $1", .id(removal))
  }

  func removedPerson(_ id: PersonID) throws -> RemovedPerson? {
    let result = try session.query(
      "SELECT record FROM removed_people WHERE person = $1", [.id(id.rawValue)])
    guard result.count > 0 else { return nil }
    do {
      return try RemovedPerson(decoding: result.bytes(0, 0) ?? [], of: id)
    } catch {
      throw GalleryError.damagedRemoval("person \(id) of a removal")
    }
  }

  func removedFace(_ id: FaceID) throws -> RemovedFace? {
    let result = try session.query("SELECT record FROM removed_faces WHERE face = $1", [.id(id)])
    guard result.count > 0 else { return nil }
    do {
      return try RemovedFace(decoding: result.bytes(0, 0) ?? [], of: id)
    } catch {
      throw GalleryError.damagedRemoval("face \(id) of a removal")
    }
  }

  func removedPeople(named digest: String) throws -> [PersonID] {
    try session.numbers(
      "SELECT person FROM removed_people WHERE name_digest = $1 ORDER BY person", [.text(digest)]
    ).map(PersonID.init(rawValue:))
  }

  func removedFaces(of person: PersonID) throws -> [FaceID] {
    guard person != .unnamed else {
      return try session.numbers("SELECT face FROM removed_faces WHERE person IS NULL ORDER BY face")
        .map(FaceID.init(rawValue:))
    }
    return try removedFaces(where: "person = $1", .id(person.rawValue))
  }

  func removedFaces(named digest: String) throws -> [FaceID] {
    try removedFaces(where: "name_digest = $1", .text(digest))
  }

  func removedFaces(in photo: PhotoDigest) throws -> [FaceID] {
    try removedFaces(where: "photo = $1", .bytes(photo.bytes))
  }

  func removedFaces(withVector vector: [UInt8]) throws -> [FaceID] {
    try removedFaces(where: "vector_checksum = $1", .integer(Int64(CRC32C.of(vector))))
  }

  private func removedFaces(where condition: String, _ value: SQLValue) throws -> [FaceID] {
    try session.numbers("SELECT face FROM removed_faces WHERE \(condition) ORDER BY face", [value])
      .map(FaceID.init(rawValue:))
  }

  // MARK: The log

  func change(_ sequence: UInt64) throws -> Change? {
    let result = try session.query(
      "SELECT sequence, kind, face, person, tag FROM changes WHERE sequence = $1", [.id(sequence)])
    return result.count == 0 ? nil : try result.change(0)
  }

  func forEachChange(
    after sequence: UInt64, limit: Int, _ body: (UInt64, Change) throws -> Void
  ) throws {
    let counters = session.head.counters
    guard sequence >= counters.trimmed else {
      throw GalleryError.damaged("change \(sequence + 1) is missing from the log")
    }
    var (last, left) = (sequence, limit)
    while last < counters.sequence, left > 0 {
      let length = min(left, 5000)
      let result = try session.query(
        "SELECT sequence, kind, face, person, tag FROM changes WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        [.id(last), .integer(Int64(length))])
      for row in 0..<result.count {
        guard try result.number(row, 0) == Int64(clamping: last + 1) else { break }
        last += 1
        try body(last, try result.change(row))
      }
      left -= result.count
      guard result.count == length || last == counters.sequence else {
        throw GalleryError.damaged("change \(last + 1) is missing from the log")
      }
    }
  }

  // MARK: Hints

  func prefetch(_ part: StorePart) {
    // What cannot be read now is read, or is an error, when it is asked for.
    if let cache = session.cache { try? fetch(part, into: cache) }
  }

  private func fetch(_ part: StorePart, into cache: PostgresCache) throws {
    switch part {
    case .vectors(let faces):
      let wanted = faces.filter { cache.vectors[$0] == nil }
      guard let table = session.vectors, !wanted.isEmpty, wanted.count <= PostgresCache.limit else { return }
      let result = try session.query(
        "SELECT face, embedding FROM \(table) WHERE face = ANY($1)", [.ids(wanted)])
      cache.makeRoom(for: result.count)
      for row in 0..<result.count {
        cache.vectors[try result.face(row, 0).rawValue] = try result.vector(row, 1)
      }
    case .records(let faces):
      let wanted = faces.filter { cache.records[FaceID(rawValue: $0)] == nil }
      guard !wanted.isEmpty, wanted.count <= PostgresCache.limit else { return }
      let result = try session.query(
        "SELECT \(Self.faceColumns) FROM faces WHERE face = ANY($1)", [.ids(wanted)])
      cache.makeRoom(for: result.count)
      for row in 0..<result.count { cache.records[try result.face(row, 0)] = try result.storedFace(row) }
    case .faces(let people):
      let wanted = people.map(PersonID.init(rawValue:)).filter {
        cache.faceLists[$0] == nil && $0 != .unnamed
      }
      guard !wanted.isEmpty else { return }
      let limit = PostgresCache.limit
      let result = try session.query(
        "SELECT \(Self.faceColumns) FROM faces WHERE person = ANY($1) ORDER BY face LIMIT $2",
        [.ids(wanted.map(\.rawValue)), .integer(Int64(limit))])
      guard result.count < limit else { return }
      cache.makeRoom(for: result.count)
      for person in wanted { cache.faceLists[person] = [] }
      for row in 0..<result.count {
        let (id, record) = (try result.face(row, 0), try result.storedFace(row))
        cache.records[id] = record
        cache.faceLists[record.person, default: []].append(id)
      }
    case .vectorRange, .changes: break
    }
  }
}

extension TagOwner {
  /// How the table of tags tells people from faces.
  var sqlKind: Int64 {
    switch self {
    case .person: 1
    case .face: 2
    }
  }

  var sqlNumber: UInt64 {
    switch self {
    case .person(let person): person.rawValue
    case .face(let face): face.rawValue
    }
  }
}

extension QueryResult {
  /// A person's record of name, time and picture.
  func person(_ row: Int, _ column: Int) throws -> StoredPerson {
    StoredPerson(
      name: try string(row, column), created: try date(row, column + 1),
      picture: try integer(row, column + 2).map { FaceID(rawValue: UInt64(clamping: $0)) })
  }

  /// A face's record, after its number.
  func storedFace(_ row: Int) throws -> StoredFace {
    let id = try face(row, 0)
    let detection: DetectedFace?
    do {
      detection = try bytes(row, 4).map { try DetectedFace(stored: $0) }
    } catch {
      throw GalleryError.damaged("the place of face \(id) in its photo cannot be read")
    }
    return StoredFace(
      person: try owner(row, 1), added: try date(row, 2),
      photo: bytes(row, 3).flatMap { PhotoDigest(bytes: $0) },
      detection: detection, path: try text(row, 5))
  }

  /// The vector of a face, which is what was written; its checksum is in the next column.
  func verifiedVector(_ row: Int, _ column: Int, of face: FaceID) throws -> [UInt8] {
    guard let vector = try vector(row, column) else {
      throw GalleryError.damaged("the vector of face \(face) is missing")
    }
    guard try integer(row, column + 1) == Int64(CRC32C.of(vector)) else {
      throw GalleryError.damaged("the vector of face \(face) is not what was written")
    }
    return vector
  }

  func removal(_ row: Int) throws -> Removal {
    let (digest, word) = (try text(row, 4), try text(row, 5))
    let engine = digest.map { Removal.Engine(digest: $0, word: word ?? "") }
    var removal = Removal(
      number: UInt64(clamping: try number(row, 0)), removed: try date(row, 1), engine: engine)
    removal.people = Int(try number(row, 2))
    removal.faces = Int(try number(row, 3))
    return removal
  }

  fileprivate func change(_ row: Int) throws -> Change {
    guard let kind = Change.Kind(rawValue: UInt8(clamping: try number(row, 1))) else {
      throw GalleryError.damaged("change \(try number(row, 0)) is of no kind that is known")
    }
    return Change(
      kind: kind, face: try face(row, 2), person: try owner(row, 3),
      tag: UInt64(bitPattern: try number(row, 4)))
  }
}

extension DetectedFace {
  /// A face's place as the table of faces has it.
  init(stored bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(sealed: bytes)
    self = try reader.detection()
    scheme = LandmarkScheme(rawValue: try reader.text())
  }

  var stored: [UInt8] {
    var writer = ByteWriter()
    writer.detection(self)
    writer.text(scheme.rawValue)
    writer.seal()
    return writer.bytes
  }
}
