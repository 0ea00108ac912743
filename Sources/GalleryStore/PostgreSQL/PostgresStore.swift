internal import FaceEngine
package import Foundation
internal import PostgreSQL
internal import Synchronization

/// The truth of a gallery that several machines use: people, faces and vectors in a schema of PostgreSQL, with pgvector.
///
/// A snapshot is a transaction that reads one state. A writer is a transaction that locks the gallery's row first: so writers of all
/// machines come one after the other, and the order of the change log is that of the commits.
package final class PostgresStore: Store {
  /// So many threads of a process have a connection at a time.
  static let connectionLimit = 8

  let address: ServerAddress
  let pool: ConnectionPool
  package let uuid: UUID
  package let created: Date
  let access: StoreAccess
  let fingerprints = CachedJSON<EngineFingerprint>()
  let operatingPoints = CachedJSON<OperatingPoint>()
  /// How long a server that went away is waited for, in seconds.
  let patience: Double

  /// Opens the gallery at an address, or makes it.
  ///
  /// - Parameters:
  ///   - url: Where it is; see ``Stores/database(_:)``.
  ///   - patience: How long a server that goes away later is waited for, in seconds.
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `unavailable`, `permissionDenied`, ….
  package convenience init(at url: URL, access: StoreAccess, patience: Double = 10) throws {
    try self.init(at: url, access, patience) { try PostgresOpening($0, access: access) }
  }

  /// Begins a gallery that is filled with another one's contents, or goes on with it; nobody else can open it until that is done.
  convenience init(at url: URL, filling gallery: GalleryHead) throws {
    try self.init(at: url, .existing, 10) { try PostgresOpening($0, filling: gallery) }
  }

  private init(
    at url: URL, _ access: StoreAccess, _ patience: Double, opening: (ServerAddress) throws -> PostgresOpening
  ) throws {
    let address: ServerAddress
    do {
      address = try ServerAddress(url.absoluteString)
    } catch {
      throw GalleryError(error, at: url.scheme.map { "\($0)://…" } ?? "…")
    }
    self.address = address
    self.access = access
    self.patience = patience
    do {
      let opening = try opening(address)
      (uuid, created) = (opening.uuid, opening.created)
      let path = opening.searchPath
      pool = ConnectionPool(
        address, limit: Self.connectionLimit, application: PostgresOpening.application
      ) { connection in try PostgresOpening.prepare(connection, path) }
    } catch let error as PostgreSQLError {
      throw GalleryError(error, at: address.shown)
    }
  }

  /// The name and version of libpq, where it can be loaded.
  package static var libraryVersion: (name: String, version: String)? {
    Connection.libraryVersion.map { ("libpq", $0) }
  }

  package var schemaVersion: Int { PostgresSchema.version }

  package var isReadOnly: Bool { access == .readOnly }

  // MARK: Reading

  package func read<Result>(
    ahead: Bool, _ body: (borrowing Snapshot) throws -> Result
  ) throws -> Result {
    try told {
      try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \(PostgresSchema.head)") { session in
        let snapshot: Snapshot = PostgresSnapshot(session: session)
        return try body(snapshot)
      }
    }
  }

  /// Runs `body` on the state of the last commit, with all that this kind of store can do.
  func view<Result>(_ body: (borrowing PostgresSnapshot) throws -> Result) throws -> Result {
    try reading { try body(PostgresSnapshot(session: $0)) }
  }

  /// Runs `body` on the state of the last commit.
  func reading<Result>(_ body: (PostgresSession) throws -> Result) throws -> Result {
    try told {
      try transaction(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \(PostgresSchema.head)", caches: false, body)
    }
  }

  /// Runs `body` in a transaction that is given up at its end, unless `body` commits.
  ///
  /// A connection that has ended meanwhile is no reason to fail before `body` was begun.
  func transaction<Result>(
    _ begin: String, caches: Bool = true, _ body: (PostgresSession) throws -> Result
  ) throws -> Result {
    var wait = PostgresWait(seconds: patience)
    while true {
      var hasBegun = false
      do {
        return try pool.withConnection { connection in
          let head = try PostgresHead(connection.run(begin))
          guard head.uuid == uuid.uuidString.lowercased() else {
            throw GalleryError(
              .replaced, "Another gallery is at \(address.shown) by now; open it again.")
          }
          hasBegun = true
          return try body(PostgresSession(connection, head, self, caches: caches))
        }
      } catch let error as PostgreSQLError where error.isOfConnection && !hasBegun {
        pool.forgetIdle()
        guard wait.next() else { throw error }
      }
    }
  }

  // MARK: Writing

  package func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result {
    try change(body).result
  }

  /// Runs `body` as ``write(_:)`` does, and says which commit it became; nil when nothing was changed.
  func change<Result>(
    _ body: (borrowing Writer) throws -> Result
  ) throws -> (result: Result, commit: CommitMark?) {
    if isReadOnly {
      throw GalleryError(.readOnly, "The gallery was opened for reading, and cannot be changed so.")
    }
    return try told {
      var wait = PostgresWait(seconds: patience)
      while true {
        do {
          if let result = try attempt(body) { return result }
          guard wait.next() else {
            throw GalleryError(
              .unavailable,
              "The server of \(address.shown) ended each attempt at its commit; nothing was changed.")
          }
        } catch let error as PostgreSQLError where error.isOfConnection || error.isConflict {
          // Nothing was committed: it may be done again.
          pool.forgetIdle()
          guard wait.next() else { throw error }
        }
      }
    }
  }

  /// How an attempt to change something ended.
  private enum Attempt<Result> {
    case done(Result, CommitMark?)
    /// The commit got no reply.
    case inDoubt(Result, CommitMark, PostgreSQLError)
  }

  /// Runs `body` once and commits.
  ///
  /// - Returns: Nil when the commit got no reply, and was not done.
  /// - Throws: ``GalleryError`` with code `outcomeUnknown` when the commit got no reply, and nobody can be asked.
  private func attempt<Result>(
    _ body: (borrowing Writer) throws -> Result
  ) throws -> (result: Result, commit: CommitMark?)? {
    let attempt: Attempt<Result> = try transaction(
      "BEGIN; \(PostgresSchema.head) FOR UPDATE", caches: false
    ) { session in
      let tag = UInt64.random(in: 1 ... .max)
      let log = ChangeLog(counters: session.head.counters, tag: tag)
      let writer: Writer = PostgresWriter(session: session, log: log, tag: tag)
      let result = try body(writer)
      let mark = CommitMark(number: session.head.commits + 1, tag: tag)
      guard try PostgresWriter(session: session, log: log, tag: tag).finish() else {
        return .done(result, nil)
      }
      do throws(PostgreSQLError) {
        try session.connection.commit()
      } catch {
        guard error.kind != .warned, error.isOfConnection || !session.connection.isAlive else { throw error }
        return .inDoubt(result, mark, error)
      }
      return .done(result, mark)
    }
    switch attempt {
    case .done(let result, let mark): return (result, mark)
    case .inDoubt(let result, let mark, let error):
      pool.forgetIdle()
      return try settle(mark.tag, error) ? (result, mark) : nil
    }
  }

  /// Finds out whether a commit was done that got no reply.
  ///
  /// The gallery's row is locked for it: the transaction in doubt has ended then. The commit that ends the look has standbys have what was
  /// found, where commits wait for them.
  private func settle(_ tag: UInt64, _ cause: PostgreSQLError) throws -> Bool {
    do {
      // The server may not know yet that the one in doubt has nobody any more.
      let patience = "SET LOCAL lock_timeout = \(Int(max(self.patience, 1) * 1000))"
      return try transaction("BEGIN; \(patience); \(PostgresSchema.head) FOR UPDATE", caches: false) {
        session in
        let isDone = try session.exists(
          "SELECT 1 FROM commits WHERE tag = $1 LIMIT 1", [.integer(Int64(bitPattern: tag))])
        if isDone {
          try session.change("UPDATE gallery SET one = one")
          try session.connection.flush()
          try session.connection.commit()
        }
        return isDone
      }
    } catch let error as PostgreSQLError {
      throw GalleryError(
        .outcomeUnknown,
        "The connection to \(address.shown) ended at the commit (\(cause.message)), and whether the change was made could not be "
          + "asked (\(error.message)); look before you make it again.")
    }
  }

  /// Runs `body`, and tells what goes wrong as the gallery does.
  func told<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PostgreSQLError {
      throw GalleryError(error, at: address.shown)
    }
  }

  // MARK: What keeps it

  package func server() throws -> ServerFacts? {
    try told {
      try pool.withConnection { connection in
        let rows = try connection.run(
          """
          SELECT split_part(version(), ' on ', 1), (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
          pg_is_in_recovery()::text, current_setting('synchronous_commit'), current_setting('synchronous_standby_names')
          """)
        guard let row = rows.first, row.count == 5 else { return nil }
        return ServerFacts(
          address: address.shown, schema: address.schema, version: row[0] ?? "", vectorVersion: row[1] ?? "",
          isStandby: row[2] == "true", synchronousCommit: row[3] ?? "", synchronousStandbys: row[4] ?? "")
      }
    }
  }
}

/// Waits between attempts, longer each time and not as long as others, until so many seconds have gone by.
struct PostgresWait {
  private let end: ContinuousClock.Instant
  private var pause = 0.05

  init(seconds: Double) { end = .now + .seconds(seconds) }

  /// Waits; false, at once, when the time is over.
  mutating func next() -> Bool {
    guard ContinuousClock.now < end else { return false }
    Thread.sleep(forTimeInterval: pause * .random(in: 0.5...1.5))
    pause = min(2 * pause, 1)
    return true
  }
}
