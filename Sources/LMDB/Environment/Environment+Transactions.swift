internal import CLMDB

extension Environment {
  /// Runs `body` on the state of the last commit.
  ///
  /// What `body` reads stays as it is for its duration, whatever writers do. It should be short: pages that
  /// it might read are not used again until it ends. Reads may be nested in one thread.
  ///
  /// - Parameter ahead: Whether the system reads ahead in the file meanwhile, for work that goes through much of it; else
  ///   it reads the pages that are asked for and no others.
  /// - Throws: ``LMDBError`` when the transaction cannot begin, and what `body` throws.
  public func read<Result>(
    ahead: Bool = false, _ body: (borrowing ReadTransaction) throws -> Result
  ) throws -> Result {
    guard ahead else { return try body(beginReading()) }
    return try readingAhead { try body(beginReading()) }
  }

  /// Runs `body` as the only writer, of all processes, and commits what it did; everything or, when `body`
  /// throws or the commit fails, nothing.
  ///
  /// The commit is on disk when this returns. When the memory map is full it is doubled and `body` runs
  /// again from the start, so `body` must have no other effects than on the transaction, and must pass errors
  /// of ``LMDBError`` on.
  ///
  /// - Throws: ``LMDBError``, among them `ENOSPC` for a full disk and `EDEADLK` inside another write of the
  ///   same thread, and what `body` throws.
  public func write<Result>(
    _ body: (borrowing WriteTransaction) throws -> Result
  ) throws -> Result {
    guard !isReadOnly else { throw LMDBError.notWritable }
    while true {
      let mapSize = core.mapSize
      do {
        let transaction = try beginWriting()
        let result = try body(transaction)
        try transaction.commit()
        return result
      } catch let error as LMDBError where error == .mapFull {
        try core.growMap(from: mapSize)
      } catch let error as LMDBError where error == .inputOutput {
        throw core.limitReached(path: path) ?? error
      }
    }
  }

  func beginReading() throws(LMDBError) -> ReadTransaction {
    for _ in 0..<Self.attempts {
      let openings = core.openingCount
      do throws(LMDBError) {
        return try ReadTransaction(core)
      } catch {
        try recover(from: error, openings)
      }
    }
    throw .busy
  }

  private func beginWriting() throws(LMDBError) -> WriteTransaction {
    for _ in 0..<Self.attempts {
      let openings = core.openingCount
      do throws(LMDBError) {
        return try WriteTransaction(core)
      } catch {
        try recover(from: error, openings)
      }
    }
    throw .busy
  }

  /// How often a transaction is begun again before it is given up.
  private static let attempts = 1000

  /// Does what lets a transaction be begun again.
  ///
  /// - Throws: The error when nothing can be done about it.
  private func recover(from error: LMDBError, _ openings: Int) throws(LMDBError) {
    switch error {
    case .mapResized: try core.followMapSize()
    case .panic: try core.reopen(from: openings)
    // Commits of others took the state's place in the file's head meanwhile.
    case .badTransaction: break
    default: throw error
    }
  }
}
