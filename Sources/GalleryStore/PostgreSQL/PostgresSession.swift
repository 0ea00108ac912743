internal import FaceEngine
internal import Foundation
internal import PostgreSQL

/// What a snapshot or a writer works with: a connection in a transaction, and the gallery's row at its begin.
final class PostgresSession {
  let connection: Connection
  let head: PostgresHead
  let store: PostgresStore
  /// What was read together with what was asked for; nil in a transaction that changes things.
  let cache: PostgresCache?

  init(_ connection: Connection, _ head: PostgresHead, _ store: PostgresStore, caches: Bool) {
    self.connection = connection
    self.head = head
    self.store = store
    cache = caches ? PostgresCache() : nil
    (people, faces, unnamed) = (head.people, head.faces, head.unnamed)
    (generation, fingerprint) = (head.generation, head.fingerprint)
    (operatingPoint, engine) = (head.operatingPoint, head.engine)
  }

  // What the writer has made of the row so far.
  var people: Int64
  var faces: Int64
  var unnamed: Int64
  var generation: Int64
  var fingerprint: String?
  var operatingPoint: String?
  var engine: String?
  /// Whether anything was changed.
  var hasChanged = false
  /// What was written to, for those who follow.
  var written = WrittenKeys()

  /// The table of the vectors; nil before the first face.
  var vectors: String? { generation == 0 ? nil : PostgresSchema.vectors(generation) }

  /// Has a statement run that changes something.
  func change(_ statement: String, _ values: [SQLValue] = []) throws {
    hasChanged = true
    try connection.enqueue(statement, values)
  }

  /// Runs a statement that changes what tables there are.
  func define(_ statements: String) throws {
    hasChanged = true
    try connection.flush()
    try connection.run(statements)
  }

  func query(_ statement: String, _ values: [SQLValue] = []) throws -> QueryResult {
    try connection.query(statement, values)
  }

  /// The whole number that a statement gives; 0 for none.
  func number(_ statement: String, _ values: [SQLValue] = []) throws -> Int {
    let result = try query(statement, values)
    return result.count == 0 ? 0 : Int(try result.integer(0, 0) ?? 0)
  }

  /// Whether a statement gives a row.
  func exists(_ statement: String, _ values: [SQLValue]) throws -> Bool {
    try query(statement, values).count > 0
  }

  /// The numbers of a statement's first column.
  func numbers(_ statement: String, _ values: [SQLValue] = []) throws -> [UInt64] {
    let result = try query(statement, values)
    var numbers: [UInt64] = []
    numbers.reserveCapacity(result.count)
    for row in 0..<result.count { numbers.append(UInt64(clamping: try result.number(row, 0))) }
    return numbers
  }
}

/// What one snapshot has read beside what was asked for, which is asked for next as a rule.
final class PostgresCache {
  var people: [PersonID: StoredPerson] = [:]
  var faceCounts: [PersonID: Int] = [:]
  var faceLists: [PersonID: [FaceID]] = [:]
  var records: [FaceID: StoredFace] = [:]
  var vectors: [UInt64: [UInt8]] = [:]

  /// Of more it keeps nothing.
  static let limit = 20_000

  /// Forgets what there is when so much is to come that it would be too much.
  func makeRoom(for count: Int) {
    if people.count + count > Self.limit { (people, faceCounts) = ([:], [:]) }
    if records.count + count > Self.limit { (records, faceLists) = ([:], [:]) }
    if vectors.count + count > Self.limit { vectors = [:] }
  }
}

// How numbers, times and vectors go to the server and come back.

extension SQLValue {
  /// A number of a face, a person or a change; one that none can have is -1.
  static func id(_ number: UInt64) -> SQLValue { .integer(Int64(exactly: number) ?? -1) }

  static func id(_ face: FaceID) -> SQLValue { id(face.rawValue) }

  /// A person; null for nobody.
  static func owner(_ person: PersonID) -> SQLValue {
    person == .unnamed ? .null(.integer) : id(person.rawValue)
  }

  static func ids(_ numbers: some Sequence<UInt64>) -> SQLValue {
    .integers(numbers.map { Int64(exactly: $0) ?? -1 })
  }

  /// A time to the millisecond.
  static func time(_ date: Date) throws -> SQLValue {
    let (micros, isTooLarge) = date.milliseconds.multipliedReportingOverflow(by: 1000)
    let (time, isTooSmall) = micros.subtractingReportingOverflow(Date.microsecondsTo2000)
    guard !isTooLarge, !isTooSmall else {
      throw GalleryError(.invalidArgument, "A time lies too far from now to be stored.")
    }
    return .time(time)
  }
}

extension Date {
  /// Microseconds from the start of 1970 to that of 2000.
  fileprivate static let microsecondsTo2000: Int64 = 946_684_800_000_000

  /// A time as the server has it.
  init(microsecondsSince2000 time: Int64) {
    self.init(milliseconds: (time &+ Self.microsecondsTo2000) / 1000)
  }
}

extension QueryResult {
  func face(_ row: Int, _ column: Int) throws -> FaceID {
    FaceID(rawValue: UInt64(clamping: try number(row, column)))
  }

  /// A person; null is nobody.
  func owner(_ row: Int, _ column: Int) throws -> PersonID {
    try integer(row, column).map { PersonID(rawValue: UInt64(clamping: $0)) } ?? .unnamed
  }

  func date(_ row: Int, _ column: Int) throws -> Date {
    Date(microsecondsSince2000: try number(row, column))
  }

  /// A text that must be there.
  func string(_ row: Int, _ column: Int) throws -> String {
    guard let text = try text(row, column) else { throw GalleryError.damaged("a text is missing") }
    return text
  }
}
