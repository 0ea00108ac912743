internal import FaceEngine
internal import LMDB

// A gallery in files that is a copy of a server's, and follows it. Only what follows changes it.

extension LMDBStore {
  /// How far the copy has come; nil for a gallery of its own.
  func replicaState() throws -> ReplicaState? { try view { try $0.replicaState() } }

  package var replication: ReplicaStatus? {
    guard let state = try? replicaState(), let sequence = try? view({ try $0.counters().sequence }) else {
      return nil
    }
    return ReplicaStatus(state, sequence: sequence)
  }

  /// Runs `body` as the only writer, for what a copy takes over from the server: nothing is numbered or logged here.
  ///
  /// - Parameter state: How far the copy was when what is written was asked for.
  /// - Returns: False when somebody else has moved the copy on meanwhile; then `body` was not run.
  func follow(from state: ReplicaState, _ body: (borrowing LMDBWriter) throws -> Void) throws -> Bool {
    try checkWritable()
    return try environment.write { transaction in
      let writer = LMDBWriter(store: self, raw: transaction.raw, log: try begin(transaction))
      guard try writer.replicaState() == state else { return false }
      try body(writer)
      return true
    }
  }
}

extension LMDBReading where Self: ~Copyable {
  func replicaState() throws -> ReplicaState? {
    guard let bytes = try value(for: MetaKey.replica, in: tables.meta) else { return nil }
    return try decoding("how far it follows its server") { try ReplicaState(decoding: bytes) }
  }

  /// The latest commits that were followed, the last one first: those from which the copy can go back.
  func followedCommits() throws -> [FollowedCommit] {
    try numbersOfFollowedCommits().reversed().compactMap { try followedCommit($0) }
  }

  /// Their numbers, rising.
  func numbersOfFollowedCommits() throws -> [Int64] {
    try withCursor(in: tables.meta) { cursor in
      var numbers: [Int64] = []
      var isThere = try cursor.seek(MetaKey.followedCommit)
      while isThere, let number = Int64(followedCommit: try cursor.key) {
        numbers.append(number)
        isThere = try cursor.next()
      }
      return numbers
    }
  }

  /// A commit that was followed; nil for one that is not remembered.
  func followedCommit(_ number: Int64) throws -> FollowedCommit? {
    guard let bytes = try value(for: number.keyOfFollowedCommit, in: tables.meta) else { return nil }
    return try decoding("commit \(number) of its server") {
      try FollowedCommit(decoding: bytes, number: number)
    }
  }
}

extension Int64 {
  /// The number of a commit in a key of `meta`; nil for other keys.
  fileprivate init?(followedCommit key: String) {
    guard key.hasPrefix(MetaKey.followedCommit) else { return nil }
    self.init(key.dropFirst(MetaKey.followedCommit.count))
  }

  fileprivate var keyOfFollowedCommit: String {
    let digits = String(self)
    return MetaKey.followedCommit + String(repeating: "0", count: Swift.max(20 - digits.count, 0)) + digits
  }
}

extension LMDBWriter {
  /// - Throws: ``GalleryError`` with code `readOnly` for a copy that follows a server.
  func checkIsOwn() throws {
    if let state = try replicaState() {
      throw GalleryError(
        .readOnly,
        "\(store.environment.path) is a copy that follows \(state.server), and is not changed itself; name that address instead."
      )
    }
  }

  func put(_ state: ReplicaState) throws {
    try put(state.encoded, for: MetaKey.replica, in: tables.meta)
  }

  /// Makes a copy that nobody else uses a gallery of its own.
  func endReplica() throws {
    try remove(MetaKey.replica, from: tables.meta)
    try remove(MetaKey.history, from: tables.meta)
    for number in try numbersOfFollowedCommits() {
      try remove(number.keyOfFollowedCommit, from: tables.meta)
    }
  }

  /// Notes that what is known of earlier changes holds no more.
  func beginHistory() throws {
    var writer = ByteWriter()
    writer.integer(try history() &+ 1)
    try put(writer.bytes, for: MetaKey.history, in: tables.meta)
  }

  /// Remembers commits, and forgets those after `base` and those that are too long ago.
  ///
  /// - Parameter most: So many are remembered.
  func remember(_ commits: [FollowedCommit], after base: Int64, most: Int) throws {
    let kept = commits.suffix(most)
    let first = (kept.last?.mark.number ?? base) - Int64(most)
    for old in try numbersOfFollowedCommits() where old > base || old <= first {
      try remove(old.keyOfFollowedCommit, from: tables.meta)
    }
    for commit in kept {
      try put(commit.encoded, for: commit.mark.number.keyOfFollowedCommit, in: tables.meta)
    }
  }

  // MARK: Rows

  /// Removes everything but the gallery's head and how far it follows.
  func clear() throws {
    try removePeopleAndFaces()
    try removeAll(from: tables.changes)
    try forgetRemovals()
  }

  /// Takes a person out with all that is known of them alone, if there is one.
  func takeOut(_ id: PersonID) throws {
    guard let record = try personRecord(id) else { return }
    try removeTags(of: .person(id))
    try remove(id.rawValue, from: tables.persons)
    try remove(record.name, from: tables.personsByName)
    try unlist(record.name, of: id)
  }

  func put(_ person: CopiedPerson) throws {
    let id = person.id.rawValue
    try put(EncodedPerson(person.record).encoded, for: id, in: tables.persons)
    try put(id, for: person.record.name, in: tables.personsByName, mode: .insert)
    try list(person.record.name, of: person.id)
    for (key, value) in person.tags { try setTag(key, value, of: .person(person.id)) }
  }

  func put(_ face: CopiedFace) throws {
    let encoded = try encoded(face.record, face.vector, face.thumbnail)
    try put(encoded, face.vector, face.thumbnail, as: face.id)
    for (key, value) in face.tags { try setTag(key, value, of: .face(face.id)) }
    if let group = face.group { try setGroup(group, of: face.id) }
  }

  /// Makes the engine that of the server, which has all of it in the same form.
  func putEngine(_ head: PostgresHead) throws {
    for (text, key) in [
      (head.fingerprint, MetaKey.fingerprint), (head.operatingPoint, MetaKey.operatingPoint),
      (head.engine, MetaKey.engineSpecification),
    ] { try put(text, for: key) }
    forgetForm()
  }

  /// Puts an object of JSON with its checksum, or none, under a key of `meta`.
  func put(_ text: String?, for key: String) throws {
    if let text {
      try put(Array(text.utf8), for: key, in: tables.meta)
    } else {
      try remove(key, from: tables.meta)
    }
  }

  // MARK: The log

  /// Takes changes out of the log: those up to one number, and those after another.
  func cutLog(upTo first: UInt64, after last: UInt64) throws {
    let before = log.before
    guard first < before.sequence, last > before.trimmed else { return try removeAll(from: tables.changes) }
    if first > before.trimmed {
      for number in before.trimmed + 1...first { try remove(number, from: tables.changes) }
    }
    if last < before.sequence {
      for number in last + 1...before.sequence { try remove(number, from: tables.changes) }
    }
  }

  func put(_ change: Change, as number: UInt64) throws {
    try put(change.encoded, for: number, in: tables.changes)
  }

  /// Makes the numbers that every change moves those of the server.
  func put(_ counters: Counters) throws {
    try put(counters.encoded, for: MetaKey.counters, in: tables.meta)
    // The list of names was kept in step with the people.
    try put(NameKeysMark(counters).encoded, for: MetaKey.nameKeys, in: tables.meta)
  }
}
