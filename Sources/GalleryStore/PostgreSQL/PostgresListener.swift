internal import Foundation
internal import PostgreSQL

/// A connection on which the server tells of each commit of a gallery. It is used by one thread.
struct PostgresListener {
  private let connection: Connection
  private let place: String

  /// - Returns: Nil where the server tells nothing, as a standby.
  /// - Throws: ``GalleryError``.
  init?(to store: PostgresStore) throws {
    place = store.place
    let channel = PostgresSchema.channel(store.uuid.uuidString.lowercased())
    do {
      connection = try Connection(store.address, application: PostgresOpening.application)
      try connection.run("LISTEN \(ServerAddress.quoted(channel))")
    } catch {
      guard error.kind == .server, !error.isOfConnection else { throw GalleryError(error, at: place) }
      return nil
    }
  }

  /// Waits until a commit is told, or so long.
  ///
  /// - Returns: Whether one was.
  /// - Throws: ``GalleryError`` when the connection has ended.
  func wait(milliseconds: Int) throws -> Bool {
    do {
      return try connection.waitForNotification(milliseconds: milliseconds)
    } catch {
      throw GalleryError(error, at: place)
    }
  }
}

extension PostgresStore {
  /// The address as it may be shown.
  var place: String { address.shown }

  /// Ends the connections that nobody uses: the server that they led to went away.
  func forgetConnections() { pool.forgetIdle() }
}
