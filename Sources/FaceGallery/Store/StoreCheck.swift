internal import FaceEngine
internal import LMDB

/// Reads every record of a store and notes what does not fit together, and the remedy.
struct StoreCheck {
  let store: Store
  /// Called with the number of faces read.
  var progress: ((Int) -> Void)?
  private(set) var report = HealthReport()
  private(set) var fixes: [StoreFix] = []
  /// Faces whose vectors or pictures are not what was written.
  private(set) var doubtful: Set<UInt64> = []

  private static let restore = "restore a backup"
  private static let repair = "galleryctl check --repair puts it right"

  init(_ store: Store, progress: ((Int) -> Void)? = nil) {
    self.store = store
    self.progress = progress
  }

  /// Reads all tables.
  ///
  /// - Throws: ``LMDBError`` when the database itself cannot be read.
  mutating func run(_ transaction: borrowing some Transaction & ~Copyable) throws {
    try transaction.verifyPages()
    let counters = try store.counters(transaction)
    try checkHead(transaction)
    let lastPerson = try checkPeople(transaction)
    try checkNames(transaction)
    let lastFace = try checkFaces(transaction)
    try checkVectors(transaction)
    try checkLists(transaction)
    try checkThumbnails(transaction)
    try checkMetadata(transaction)
    try checkGroups(transaction)
    if lastPerson > counters.lastPerson || lastFace > counters.lastFace {
      note(
        .log, "a number is in use that was not given out",
        fix: .raiseCounters(person: lastPerson, face: lastFace))
    }
    try checkLog(counters, transaction)
  }

  /// Notes damage: kinds of damage are told apart by the part and what follows the number in the message.
  mutating func note(
    _ part: HealthReport.Part, _ message: String, remedy: String? = nil, fix: StoreFix? = nil
  ) {
    if let fix { fixes.append(fix) }
    let kind = message.filter { !$0.isNumber }
    if let place = report.findings.firstIndex(where: {
      $0.part == part && $0.message.filter { !$0.isNumber } == kind
    }) {
      report.findings[place].count += 1
      return
    }
    report.findings.append(
      HealthReport.Finding(
        part: part, message: message, count: 1, remedy: remedy ?? (fix == nil ? Self.restore : Self.repair),
        isRepairable: fix != nil))
  }

  private mutating func checkHead(_ transaction: borrowing some Transaction & ~Copyable) throws {
    let meta = store.tables.meta
    for key in [Store.MetaKey.fingerprint, Store.MetaKey.operatingPoint, Store.MetaKey.engineSpecification] {
      if let bytes = try transaction.value(for: key, in: meta), !SealedJSON.isSealed(bytes) {
        report.withoutChecksum += 1
      }
    }
    do {
      _ = try store.operatingPoint(transaction)
      _ = try store.engineSpecification(transaction)
    } catch {
      note(.log, "the engine's operating point or choice is not what was written")
    }
    if let bytes = try transaction.value(for: Store.MetaKey.counters, in: meta), !Counters.isSealed(bytes) {
      report.withoutChecksum += 1
    }
    guard let stored = try transaction.value(for: Store.MetaKey.headChecksum, in: meta) else {
      report.withoutChecksum += 1
      return
    }
    if try stored != store.headChecksum(transaction) {
      note(.log, "the gallery's format, identifier or date is not what was written")
    }
  }

  private mutating func checkPeople(_ transaction: borrowing some Transaction & ~Copyable) throws -> UInt64 {
    var last: UInt64 = 0
    try transaction.scan(store.tables.persons) { id, bytes in
      last = id
      report.people += 1
      guard let record = try? PersonRecord(decoding: bytes.withUnsafeBytes { Array($0) }) else {
        note(.people, "the record of person \(id) is not what was written")
        return true
      }
      if bytes.unsafeLoad(as: UInt8.self) < PersonRecord.version { report.withoutChecksum += 1 }
      let listed = try transaction.value(for: record.name, in: store.tables.personsByName)
      if listed != id {
        note(.names, "person \(id) is not found by name", fix: .listName(record.name, person: id))
      }
      return true
    }
    return last
  }

  private mutating func checkNames(_ transaction: borrowing some Transaction & ~Copyable) throws {
    var strays: [String] = []
    try transaction.withCursor(in: store.tables.personsByName) { cursor in
      while try cursor.next() {
        let (name, id) = (try cursor.key, PersonID(rawValue: try cursor.value))
        guard let bytes = try transaction.value(for: id.rawValue, in: store.tables.persons) else {
          strays.append(name)
          continue
        }
        // A record that cannot be read was noted already; its name stays, it may be the last trace.
        if let record = try? PersonRecord(decoding: bytes), record.name != name { strays.append(name) }
      }
    }
    for name in strays { note(.names, "a name leads to nobody of that name", fix: .unlistName(name)) }
  }

  private mutating func checkFaces(_ transaction: borrowing some Transaction & ~Copyable) throws -> UInt64 {
    let tables = store.tables
    let form = try store.fingerprint(transaction).map { VectorForm($0) }
    var last: UInt64 = 0
    try transaction.scan(tables.faces) { id, bytes in
      last = id
      report.faces += 1
      if report.faces.isMultiple(of: 4096) { progress?(report.faces) }
      let record = try? FaceRecord(decoding: bytes.withUnsafeBytes { Array($0) })
      try checkVector(of: id, record, form, transaction)
      guard let record else {
        note(.faces, "the record of face \(id) is not what was written")
        return true
      }
      let person = record.person.rawValue
      if record.person != .unnamed, try !transaction.contains(person, in: tables.persons) {
        note(
          .faces, "face \(id) is of person \(person), who is missing",
          remedy: "restore a backup, or remove the face: galleryctl remove --face \(id)")
      }
      if try !transaction.contains(id, of: person, in: tables.facesByPerson) {
        note(.facesByPerson, "face \(id) is not listed with its person", fix: .listFace(id, person: person))
      }
      if let photo = record.photo, try !transaction.contains(id, of: photo.bytes, in: tables.facesBySource) {
        note(
          .facesBySource, "face \(id) is not listed with its photo", fix: .listSource(photo.bytes, face: id))
      }
      return true
    }
    progress?(report.faces)
    return last
  }

  private mutating func checkVector(
    of face: UInt64, _ record: FaceRecord?, _ form: VectorForm?,
    _ transaction: borrowing some Transaction & ~Copyable
  ) throws {
    let found = report.findings
    defer { if report.findings != found { doubtful.insert(face) } }
    let remedy =
      "restore a backup, or remove the face and add its photo again: galleryctl remove --face \(face)"
    guard let vector = try store.vector(FaceID(rawValue: face), transaction) else {
      note(.vectors, "face \(face) has no vector", remedy: remedy)
      return
    }
    guard vector.count == form?.dimension else {
      note(.vectors, "the vector of face \(face) has \(vector.count) components", remedy: remedy)
      return
    }
    var length = 0.0
    for value in vector { length += Double(value) * Double(value) }
    // A component that is not finite makes the comparison false as well.
    if !(abs(length - 1) < 1e-4) {
      note(.vectors, "the vector of face \(face) is not of unit length", remedy: remedy)
      return
    }
    guard let checksums = record?.checksums, checksums.engine == form?.engine else {
      report.withoutChecksum += 1
      return
    }
    let sum = try transaction.withBytes(for: face, in: store.tables.vectors) { bytes in
      bytes?.withUnsafeBytes { CRC32C.of($0) }
    }
    if sum != checksums.vector {
      note(.vectors, "the vector of face \(face) is not what was written", remedy: remedy)
    }
  }

  private mutating func checkVectors(_ transaction: borrowing some Transaction & ~Copyable) throws {
    let tables = store.tables
    try transaction.scan(tables.vectors) { id, _ in
      if try !transaction.contains(id, in: tables.faces) {
        note(.vectors, "vector \(id) belongs to no face", fix: .dropVector(id))
      }
      return true
    }
  }

  private mutating func checkLists(_ transaction: borrowing some Transaction & ~Copyable) throws {
    let tables = store.tables
    try transaction.scan(tables.facesByPerson) { person, bytes in
      guard let face = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) else { return true }
      let record = try? store.faceRecord(FaceID(rawValue: face), transaction)
      if record == nil, try transaction.contains(face, in: tables.faces) { return true }
      if record?.person.rawValue != person {
        note(
          .facesByPerson, "person \(person) lists face \(face), which is not theirs",
          fix: .unlistFace(face, person: person))
      }
      return true
    }
    try transaction.withCursor(in: tables.facesBySource) { cursor in
      while try cursor.next() {
        let (photo, face) = (try cursor.key, try cursor.value)
        let record = try? store.faceRecord(FaceID(rawValue: face), transaction)
        if record == nil, try transaction.contains(face, in: tables.faces) { continue }
        if record?.photo?.bytes != photo {
          note(
            .facesBySource, "a photo lists face \(face), which is not from it",
            fix: .unlistSource(photo, face: face))
        }
      }
    }
  }

  private mutating func checkThumbnails(_ transaction: borrowing some Transaction & ~Copyable) throws {
    guard let table = store.tables.thumbnails else { return }
    try transaction.scan(table) { id, bytes in
      report.thumbnails += 1
      if try !transaction.contains(id, in: store.tables.faces) {
        note(.thumbnails, "picture \(id) belongs to no face", fix: .dropThumbnail(id))
      } else if bytes.byteCount < 2 || bytes.withUnsafeBytes({ !$0.starts(with: [0xFF, 0xD8]) }) {
        note(.thumbnails, "the picture of face \(id) is not a JPEG file", fix: .dropThumbnail(id))
      } else if let sum = (try? store.faceRecord(FaceID(rawValue: id), transaction))?.checksums?.picture,
        sum != 0, sum != bytes.withUnsafeBytes({ CRC32C.of($0) })
      {
        doubtful.insert(id)
        note(.thumbnails, "the picture of face \(id) is not what was written")
      }
      return true
    }
  }

  private mutating func checkGroups(_ transaction: borrowing some Transaction & ~Copyable) throws {
    guard let table = store.tables.groups else { return }
    let lastFace = try store.counters(transaction).lastFace
    try transaction.scan(table) { face, bytes in
      let group = bytes.withUnsafeBytes { UInt64(databaseBytes: $0) }
      if group.map({ (1...lastFace).contains($0) }) != true {
        note(.groups, "face \(face) is in a group that was never made", fix: .ungroup(face))
        return true
      }
      let record = try? store.faceRecord(FaceID(rawValue: face), transaction)
      if record == nil, try transaction.contains(face, in: store.tables.faces) { return true }
      if record?.person != .unnamed {
        note(.groups, "face \(face) is in a group and not without a name", fix: .ungroup(face))
      }
      return true
    }
  }

  private mutating func checkLog(
    _ counters: Counters, _ transaction: borrowing some Transaction & ~Copyable
  ) throws {
    var expected = counters.trimmed
    var problem: String?
    try transaction.scan(store.tables.changes) { sequence, bytes in
      report.changes += 1
      expected += 1
      if sequence != expected {
        problem = "change \(expected) is missing from the log"
      } else if (try? Change(decoding: bytes.withUnsafeBytes { Array($0) })) == nil {
        problem = "change \(sequence) is not what was written"
      }
      if !Change.isSealed(bytes.withUnsafeBytes { Array($0) }) { report.withoutChecksum += 1 }
      return problem == nil
    }
    if problem == nil, expected != counters.sequence {
      problem = "the change log does not end with the last change"
    }
    if let problem { note(.log, problem, fix: .restartLog) }
  }
}
