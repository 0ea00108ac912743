internal import CPQ

/// A conversation with a server: one statement, or one pipeline of them, after the other.
///
/// Statements are prepared when they are first run.
///
/// It is used by one thread at a time: ``ConnectionPool`` lends it, and its lock is between one thread and the next. So nothing in it is
/// seen by two at once, though no compiler can tell.
package final class Connection: @unchecked Sendable {
  private let handle: ConnectionHandle
  private let address: ServerAddress
  private var statements: [String: String] = [:]
  /// What waits for the next result that somebody needs.
  private var queue: [(statement: String, values: [SQLValue])] = []

  /// So many statements are sent before their results are looked at.
  private static let pipelineLength = 256
  /// So many statements are kept prepared.
  private static let maximumStatements = 256

  /// Connects.
  ///
  /// - Throws: ``PostgreSQLError``.
  package init(_ address: ServerAddress, application: String) throws(PostgreSQLError) {
    self.address = address
    handle = try ConnectionHandle.open(address, application: application)
  }

  /// libpq's version, such as 15.18; nil where it cannot be loaded.
  package static var libraryVersion: String? {
    let number = fg_pq_library_version()
    return number == 0 ? nil : "\(number / 10_000).\(number % 10_000)"
  }

  /// The server's major version, such as 18.
  package var serverVersion: Int { Int(fg_pq_server_version(handle.raw)) / 10_000 }

  /// Whether the connection still is one, as far as is known.
  package var isAlive: Bool { fg_pq_is_alive(handle.raw) != 0 }

  /// Whether no transaction is open.
  package var isIdle: Bool { fg_pq_is_idle(handle.raw) != 0 }

  /// Runs statements without values, and gives the rows of the last one as texts; nil is null.
  ///
  /// - Throws: ``PostgreSQLError``.
  @discardableResult
  package func run(_ statements: String) throws(PostgreSQLError) -> [[String?]] {
    let result = try take(fg_pq_run(handle.raw, statements))
    var rows: [[String?]] = []
    for row in 0..<result.count {
      var values: [String?] = []
      for column in 0..<result.columns { values.append(try result.text(row, column)) }
      rows.append(values)
    }
    return rows
  }

  /// Commits.
  ///
  /// - Throws: ``PostgreSQLError``: of kind `server` when nothing was committed, `warned` when a server that should have it may not;
  ///   other errors leave it open whether it was.
  package func commit() throws(PostgreSQLError) {
    _ = fg_pq_take_warning(handle.raw)
    let result = try take(fg_pq_run(handle.raw, "COMMIT"))
    if let warning = fg_pq_take_warning(handle.raw) {
      throw PostgreSQLError(.warned, String(cString: warning))
    }
    // The commit of a transaction that has failed is a rollback, and no error.
    guard result.command == "COMMIT" else {
      throw PostgreSQLError(.notCommitted, "the transaction was rolled back")
    }
  }

  /// Waits until a notification arrives for which the connection listens (`LISTEN`), or so long.
  ///
  /// - Returns: Whether one has arrived.
  /// - Throws: ``PostgreSQLError`` of kind `lost`.
  package func waitForNotification(milliseconds: Int) throws(PostgreSQLError) -> Bool {
    let count = fg_pq_wait(handle.raw, CInt(clamping: milliseconds))
    guard count >= 0 else { throw PostgreSQLError(.lost, lost.message) }
    return count > 0
  }

  /// Has a statement run before the next query; what goes wrong with it is thrown there.
  ///
  /// - Throws: ``PostgreSQLError``, of earlier statements too.
  package func enqueue(_ statement: String, _ values: [SQLValue] = []) throws(PostgreSQLError) {
    queue.append((statement, values))
    if queue.count >= Self.pipelineLength { try flush() }
  }

  /// Runs what waits.
  ///
  /// - Throws: ``PostgreSQLError`` of the first statement that fails; the rest is not run.
  package func flush() throws(PostgreSQLError) {
    if queue.isEmpty { return }
    _ = try runQueue()
  }

  /// Runs what waits, and then a statement.
  ///
  /// - Throws: ``PostgreSQLError``.
  package func query(_ statement: String, _ values: [SQLValue] = []) throws(PostgreSQLError) -> QueryResult {
    queue.append((statement, values))
    return try runQueue()
  }

  /// Gives a transaction up that is open.
  func reset() throws(PostgreSQLError) {
    queue = []
    if !isIdle { try run("ROLLBACK") }
  }

  // MARK: Results

  private func runQueue() throws(PostgreSQLError) -> QueryResult {
    let entries = queue
    queue = []
    var names: [String] = []
    for entry in entries { names.append(try name(of: entry.statement, entry.values)) }
    guard entries.count > 1 else {
      let (name, entry) = (names[0], entries[0])
      let isSent = entry.values.withRaw { fg_pq_send_prepared(handle.raw, name, $0, $1) } != 0
      guard isSent else { throw lost }
      let result = fg_pq_next(handle.raw)
      // NULL ends the statement, also one that failed.
      while let rest = fg_pq_next(handle.raw) { fg_pq_clear(rest) }
      return try take(result)
    }
    guard fg_pq_begin_pipeline(handle.raw) != 0 else { throw lost }
    defer { _ = fg_pq_end_pipeline(handle.raw) }
    for (name, entry) in zip(names, entries) {
      let isSent = entry.values.withRaw { fg_pq_send_prepared(handle.raw, name, $0, $1) } != 0
      guard isSent else { throw lost }
    }
    guard fg_pq_sync(handle.raw) != 0 else { throw lost }
    return try lastResult(of: entries.count)
  }

  /// Reads the results of a pipeline to its end.
  private func lastResult(of count: Int) throws(PostgreSQLError) -> QueryResult {
    var failure: PostgreSQLError?
    for place in 0..<count {
      guard let raw = fg_pq_next(handle.raw) else { throw failure ?? lost }
      let result = QueryResult(raw)
      if result.status == Int(FG_PQ_ERROR) { failure = failure ?? refined(result.error) }
      if !isAlive { throw failure ?? lost }
      // NULL ends each statement.
      while let rest = fg_pq_next(handle.raw) { fg_pq_clear(rest) }
      guard place == count - 1 else { continue }
      if let end = fg_pq_next(handle.raw) { fg_pq_clear(end) }
      if let failure { throw failure }
      guard result.status != Int(FG_PQ_SKIPPED) else { throw QueryResult.unexpected }
      return result
    }
    throw QueryResult.unexpected
  }

  /// The name under which a statement is prepared.
  private func name(of statement: String, _ values: [SQLValue]) throws(PostgreSQLError) -> String {
    if let known = statements[statement] { return known }
    if statements.count >= Self.maximumStatements {
      try run("DEALLOCATE ALL")
      statements = [:]
    }
    let name = "s\(statements.count)"
    let result = values.withRaw { fg_pq_prepare(handle.raw, name, statement, $0, $1) }
    _ = try take(result)
    statements[statement] = name
    return name
  }

  private func take(_ raw: OpaquePointer?) throws(PostgreSQLError) -> QueryResult {
    guard let raw else { throw lost }
    let result = QueryResult(raw)
    guard result.status == Int(FG_PQ_ERROR) else { return result }
    throw refined(result.error)
  }

  private func refined(_ error: PostgreSQLError) -> PostgreSQLError {
    // Where the server has not said that it ends the connection, libpq's words have no number.
    let isLost = !isAlive && error.sqlstate == nil
    return PostgreSQLError(
      isLost ? .lost : error.kind, address.redacted(Self.line(error.message)), sqlstate: error.sqlstate)
  }

  private var lost: PostgreSQLError {
    let message = fg_pq_message(handle.raw).map { String(cString: $0) } ?? ""
    return PostgreSQLError(
      isAlive ? .unexpected : .lost,
      address.redacted(message.isEmpty ? "the connection ended" : Self.line(message)))
  }

  private static func line(_ text: String) -> String {
    text.split(separator: "\n").map { line in String(line.drop { $0 == " " || $0 == "\t" }) }
      .joined(separator: "; ")
  }
}

extension [SQLValue] {
  /// Runs `body` with the values as the library takes them.
  fileprivate func withRaw<Result>(_ body: (UnsafePointer<fg_pq_value>?, CInt) -> Result) -> Result {
    let encoded = map(\.encoded)
    // One piece for all bytes, so that the pointers are good as long as it is.
    var bytes: [UInt8] = []
    for own in encoded { bytes += (own ?? []) + [0] }
    return bytes.withUnsafeBytes { buffer in
      var raw: [fg_pq_value] = []
      var offset = 0
      for (value, own) in zip(self, encoded) {
        let start = own == nil ? nil : buffer.baseAddress.map { $0 + offset }
        raw.append(
          fg_pq_value(type: value.type.rawValue, length: CInt(clamping: own?.count ?? 0), bytes: start))
        offset += (own?.count ?? 0) + 1
      }
      return raw.withUnsafeBufferPointer { body($0.baseAddress, CInt($0.count)) }
    }
  }
}
