internal import Dispatch
internal import Synchronization

/// Connections to one server, lent to threads: so many at most, which others wait for.
package final class ConnectionPool: Sendable {
  private let address: ServerAddress
  private let application: String
  private let prepare: @Sendable (Connection) throws -> Void
  private let places: DispatchSemaphore
  private let idle = Mutex<[Connection]>([])
  /// How long a thread waits for another one's connection, in seconds.
  private static let patience = 30.0

  /// How many connections this thread has already. Who has one may not wait for others to give theirs back, who wait likewise.
  @TaskLocal private static var held = 0

  /// A pool without connections yet.
  ///
  /// - Parameters:
  ///   - limit: How many threads may have a connection at a time.
  ///   - application: What the server's statistics call the program.
  ///   - prepare: Run on each new connection.
  package init(
    _ address: ServerAddress, limit: Int, application: String,
    prepare: @escaping @Sendable (Connection) throws -> Void
  ) {
    self.address = address
    self.application = application
    self.prepare = prepare
    places = DispatchSemaphore(value: max(limit, 1))
  }

  /// Runs `body` with a connection; a transaction that it leaves open is given up.
  ///
  /// - Throws: ``PostgreSQLError``, of kind `exhausted` when all were in use for long; what `body` throws.
  package func withConnection<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    let isExtra = Self.held > 0 && places.wait(timeout: .now()) == .timedOut
    if Self.held == 0, places.wait(timeout: .now() + Self.patience) == .timedOut {
      throw PostgreSQLError(
        .exhausted, "all connections of this program were in use for \(Int(Self.patience)) seconds")
    }
    defer { if !isExtra { places.signal() } }
    let connection = try idle.withLock { $0.popLast() } ?? open()
    defer { giveBack(connection, keeping: !isExtra) }
    return try Self.$held.withValue(Self.held + 1) { try body(connection) }
  }

  /// Ends the connections that nobody uses: the server they led to went away.
  package func forgetIdle() { idle.withLock { $0 = [] } }

  private func open() throws -> Connection {
    let connection = try Connection(address, application: application)
    try prepare(connection)
    return connection
  }

  private func giveBack(_ connection: Connection, keeping: Bool) {
    guard keeping, connection.isAlive, (try? connection.reset()) != nil else { return }
    idle.withLock { $0.append(connection) }
  }
}
