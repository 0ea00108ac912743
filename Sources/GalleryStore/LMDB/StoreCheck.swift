internal import FaceEngine
internal import LMDB

/// Reads every record of a store and notes what does not fit together, and how to remedy it.
struct StoreCheck {
  /// Called with the number of faces read.
  var progress: ((Int) -> Void)?
  private(set) var report = HealthReport()
  private(set) var fixes: [StoreFix] = []
  /// Faces whose vectors or thumbnails are not what was written.
  private(set) var doubtful: Set<UInt64> = []

  init(progress: ((Int) -> Void)? = nil) { self.progress = progress }

  /// Reads all tables.
  ///
  /// - Throws: ``LMDBError`` when the database itself cannot be read.
  mutating func run(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    try transaction.verifyPages()
    let counters = try transaction.counters()
    try checkHead(transaction)
    let lastPerson = try checkPeople(transaction)
    try checkNames(transaction)
    let lastFace = try checkFaces(transaction)
    try checkVectors(transaction)
    try checkLists(transaction)
    try checkThumbnails(transaction)
    try checkTags(transaction)
    try checkGroups(transaction)
    try checkRemovals(transaction)
    if lastPerson > counters.lastPerson || lastFace > counters.lastFace {
      note(
        .log, "a number is in use that was not given out",
        fix: .raiseCounters(person: lastPerson, face: lastFace))
    }
    try checkLog(counters, transaction)
  }

  /// Notes damage: kinds of damage are told apart by the part and what follows the number in the message.
  private mutating func note(
    _ part: HealthReport.Part, _ message: String, remedy: HealthReport.Remedy? = nil, fix: StoreFix? = nil
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
        part: part, message: message, remedy: remedy ?? (fix == nil ? .restore : .repair)))
  }

  private mutating func checkHead(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    let meta = transaction.tables.meta
    for key in [MetaKey.fingerprint, MetaKey.operatingPoint, MetaKey.engineSpecification] {
      if let bytes = try transaction.value(for: key, in: meta), !SealedJSON.isSealed(bytes) {
        report.withoutChecksum += 1
      }
    }
    do {
      _ = try transaction.operatingPoint()
      _ = try transaction.engineSpecification()
    } catch {
      note(.log, "the engine's operating point or choice is not what was written")
    }
    if (try? transaction.formerNames()) == nil {
      note(.names, "the list of former names is not what was written", fix: .forgetNames)
    }
    do {
      _ = try transaction.auditHead()
    } catch {
      note(.audit, "what is noted of the audit log is not what was written")
    }
    if let bytes = try transaction.value(for: MetaKey.counters, in: meta), !Counters.isSealed(bytes) {
      report.withoutChecksum += 1
    }
    guard let stored = try transaction.value(for: MetaKey.headChecksum, in: meta) else {
      report.withoutChecksum += 1
      return
    }
    if try stored != transaction.headChecksum() {
      note(.log, "the gallery's format, identifier or date is not what was written")
    }
  }

  private mutating func checkPeople(_ transaction: borrowing some LMDBReading & ~Copyable) throws -> UInt64 {
    var last: UInt64 = 0
    try transaction.scan(transaction.tables.persons) { id, bytes in
      last = id
      report.people += 1
      guard let record = (try? EncodedPerson(decoding: bytes.withUnsafeBytes { Array($0) }))?.record
      else {
        note(.people, "the record of person \(id) is not what was written")
        return true
      }
      if bytes.unsafeLoad(as: UInt8.self) < EncodedPerson.version { report.withoutChecksum += 1 }
      let listed = try transaction.value(for: record.name, in: transaction.tables.personsByName)
      if listed != id {
        note(.names, "person \(id) is not found by name", fix: .listName(record.name, person: id))
      }
      return true
    }
    return last
  }

  private mutating func checkNames(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    var strays: [String] = []
    try transaction.withCursor(in: transaction.tables.personsByName) { cursor in
      while try cursor.next() {
        let (name, id) = (try cursor.key, PersonID(rawValue: try cursor.value))
        guard let bytes = try transaction.value(for: id.rawValue, in: transaction.tables.persons) else {
          strays.append(name)
          continue
        }
        // A record that cannot be read was noted already; its name stays, it may be the last trace.
        if let person = try? EncodedPerson(decoding: bytes), person.record.name != name {
          strays.append(name)
        }
      }
    }
    for name in strays { note(.names, "a name leads to nobody of that name", fix: .unlistName(name)) }
    try checkNameKeys(transaction)
    report.namesakes = try transaction.namesakes().map { group in
      group.compactMap { try? transaction.person($0) }
    }
  }

  /// Checks that the table of keys lists exactly the people, where it says that it is in step with them.
  private mutating func checkNameKeys(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    guard let table = transaction.tables.personsByKey, try transaction.hasNameKeys(of: transaction.counters())
    else { return }
    var unlisted = 0
    try transaction.scan(transaction.tables.persons) { id, bytes in
      guard let person = try? EncodedPerson(decoding: bytes.withUnsafeBytes { Array($0) }) else {
        return true
      }
      if try !transaction.contains(id, of: NameKey(of: person.record.name).bytes, in: table) { unlisted += 1 }
      return true
    }
    if try unlisted > 0 || transaction.count(of: table) > report.people {
      note(.names, "people are not found by their names' keys", fix: .listKeys)
    }
  }

  private mutating func checkFaces(_ transaction: borrowing some LMDBReading & ~Copyable) throws -> UInt64 {
    let tables = transaction.tables
    let form = try transaction.fingerprint().map { VectorForm($0) }
    var last: UInt64 = 0
    try transaction.scan(tables.faces) { id, bytes in
      last = id
      report.faces += 1
      if report.faces.isMultiple(of: 4096) { progress?(report.faces) }
      let stored = try? EncodedFace(decoding: bytes.withUnsafeBytes { Array($0) })
      try checkVector(of: id, stored, form, transaction)
      guard let record = stored?.record else {
        note(.faces, "the record of face \(id) is not what was written")
        return true
      }
      let person = record.person.rawValue
      if record.person != .unnamed, try !transaction.contains(person, in: tables.persons) {
        note(
          .faces, "face \(id) is of person \(person), who is missing",
          remedy: .removeFace(FaceID(rawValue: id)))
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
    of face: UInt64, _ stored: EncodedFace?, _ form: VectorForm?,
    _ transaction: borrowing some LMDBReading & ~Copyable
  ) throws {
    let found = report.findings
    defer { if report.findings != found { doubtful.insert(face) } }
    let remedy = HealthReport.Remedy.addAgain(FaceID(rawValue: face))
    guard let vector = try transaction.vector(of: FaceID(rawValue: face)) else {
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
    guard let checksums = stored?.checksums, checksums.engine == form?.engine else {
      report.withoutChecksum += 1
      return
    }
    let sum = try transaction.withBytes(for: face, in: transaction.tables.vectors) { bytes in
      bytes?.withUnsafeBytes { CRC32C.of($0) }
    }
    if sum != checksums.vector {
      note(.vectors, "the vector of face \(face) is not what was written", remedy: remedy)
    }
  }

  private mutating func checkVectors(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    let tables = transaction.tables
    try transaction.scan(tables.vectors) { id, _ in
      if try !transaction.contains(id, in: tables.faces) {
        note(.vectors, "vector \(id) belongs to no face", fix: .dropVector(id))
      }
      return true
    }
  }

  private mutating func checkLists(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    let tables = transaction.tables
    try transaction.scan(tables.facesByPerson) { person, bytes in
      guard let face = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) else { return true }
      let record = try? transaction.faceRecord(FaceID(rawValue: face))
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
        let record = try? transaction.faceRecord(FaceID(rawValue: face))
        if record == nil, try transaction.contains(face, in: tables.faces) { continue }
        if record?.photo?.bytes != photo {
          note(
            .facesBySource, "a photo lists face \(face), which is not from it",
            fix: .unlistSource(photo, face: face))
        }
      }
    }
  }

  private mutating func checkThumbnails(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    guard let table = transaction.tables.thumbnails else { return }
    try transaction.scan(table) { id, bytes in
      report.thumbnails += 1
      if try !transaction.contains(id, in: transaction.tables.faces) {
        note(.thumbnails, "thumbnail \(id) belongs to no face", fix: .dropThumbnail(id))
      } else if let sum = (try? transaction.encodedFace(FaceID(rawValue: id)))?.checksums?.thumbnail,
        sum != 0, sum != bytes.withUnsafeBytes({ CRC32C.of($0) })
      {
        doubtful.insert(id)
        note(.thumbnails, "the thumbnail of face \(id) is not what was written")
      } else if bytes.byteCount < 2 || bytes.withUnsafeBytes({ !$0.starts(with: [0xFF, 0xD8]) }) {
        note(.thumbnails, "the thumbnail of face \(id) is not a JPEG file", fix: .dropThumbnail(id))
      }
      return true
    }
  }

  private mutating func checkGroups(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    guard let table = transaction.tables.groups else { return }
    let lastFace = try transaction.counters().lastFace
    try transaction.scan(table) { face, bytes in
      let group = bytes.withUnsafeBytes { UInt64(databaseBytes: $0) }
      if group.map({ (1...lastFace).contains($0) }) != true {
        note(.groups, "face \(face) is in a group that was never made", fix: .ungroup(face))
        return true
      }
      let record = try? transaction.faceRecord(FaceID(rawValue: face))
      if record == nil, try transaction.contains(face, in: transaction.tables.faces) { return true }
      if record?.person != .unnamed {
        note(.groups, "face \(face) is in a group and not without a name", fix: .ungroup(face))
      }
      return true
    }
  }

  private mutating func checkLog(
    _ counters: Counters, _ transaction: borrowing some LMDBReading & ~Copyable
  ) throws {
    var expected = counters.trimmed
    var problem: String?
    try transaction.scan(transaction.tables.changes) { sequence, bytes in
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

extension StoreCheck {
  /// Checks that what removals keep is what was written, and that it is found by what it is known by.
  private mutating func checkRemovals(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    guard let removed = transaction.tables.removed else { return }
    var kept: [UInt64: (people: Int, faces: Int)] = [:]
    var marks = 0
    var isDerivedSound = true
    func check(_ number: UInt64, _ marked: [[UInt8]]) throws {
      marks += marked.count
      for mark in marked where try !transaction.contains(number, of: mark, in: removed.marks) {
        isDerivedSound = false
      }
    }
    try transaction.scan(removed.persons) { number, _ in
      let id = PersonID(rawValue: number)
      if let person = try? transaction.removedPerson(id) {
        try check(number, [person.mark])
        kept[person.removal, default: (0, 0)].people += 1
      } else {
        isDerivedSound = false
        note(
          .removals, "person \(id) of a removal is not what was written, and can only be forgotten",
          fix: .dropRemovedPerson(id))
      }
      return true
    }
    try transaction.scan(removed.faces) { number, _ in
      let id = FaceID(rawValue: number)
      if let face = try? transaction.removedFace(id) {
        try check(number, face.marks)
        kept[face.removal, default: (0, 0)].faces += 1
      } else {
        isDerivedSound = false
        note(
          .removals, "face \(id) of a removal is not what was written, and can only be forgotten",
          fix: .dropRemovedFace(id))
      }
      return true
    }
    try transaction.scan(removed.removals) { number, _ in
      guard let removal = try? transaction.removal(number) else {
        isDerivedSound = false
        note(
          .removals, "removal \(number) is not what was written, and can only be forgotten",
          fix: .dropRemoval(number))
        return true
      }
      if (removal.people, removal.faces) != (kept.removeValue(forKey: number) ?? (0, 0)) {
        isDerivedSound = false
      }
      return true
    }
    let listed = try transaction.count(of: removed.marks)
    if !isDerivedSound || !kept.isEmpty || marks != listed {
      note(.removals, "the figures or the list of what removals keep are not right", fix: .listRemoved)
    }
  }

  /// Checks that every tag belongs to somebody, and that the table that finds by tags lists exactly them.
  private mutating func checkTags(_ transaction: borrowing some LMDBReading & ~Copyable) throws {
    guard let table = transaction.tables.tags, let index = transaction.tables.tagsIndex else {
      return
    }
    try transaction.withCursor(in: table) { cursor in
      while try cursor.next() {
        let place = try cursor.key
        guard let (owner, key) = TagOwner.decode(place), try isThere(owner, transaction) else {
          note(.tags, "a tag belongs to nobody", fix: .dropTag(place))
          continue
        }
        let listed = TagOwner.indexKey(owner.kind, key, try cursor.value)
        if try !transaction.contains(owner.number, of: listed, in: index) {
          note(.tags, "a tag is not found by its value", fix: .listTag(listed, owner: owner.number))
        }
      }
    }
    try transaction.withCursor(in: index) { cursor in
      while try cursor.next() {
        let (listed, number) = (try cursor.key, try cursor.value)
        let parts = listed.dropFirst().split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        var value: [UInt8]?
        if parts.count == 2 {
          let prefix = withUnsafeBytes(of: number.bigEndian) { [listed[0]] + Array($0) }
          value = try transaction.value(for: prefix + Array(parts[0]), in: table)
        }
        if value.map({ $0[...] == parts[1] }) != true {
          note(
            .tags, "the list of tags names somebody who is not tagged",
            fix: .unlistTag(listed, owner: number))
        }
      }
    }
  }

  private func isThere(
    _ owner: TagOwner, _ transaction: borrowing some LMDBReading & ~Copyable
  ) throws -> Bool {
    switch owner {
    case .person(let id): try transaction.contains(id.rawValue, in: transaction.tables.persons)
    case .face(let id): try transaction.contains(id.rawValue, in: transaction.tables.faces)
    }
  }
}
