internal import Foundation
internal import PostgreSQL

/// How the gallery at an address is found, or made.
struct PostgresOpening {
  let uuid: UUID
  let created: Date
  /// The schemas in which names are looked for: the gallery's, and that of pgvector.
  let searchPath: String

  /// What the server's statistics call the program.
  static let application = "facegallery"

  /// - Throws: ``PostgreSQLError``, ``GalleryError``.
  init(_ address: ServerAddress, access: StoreAccess) throws {
    let connection = try Connection(address, application: Self.application)
    try Self.quieten(connection)
    var found = try Self.find(address, connection)
    if found == nil {
      guard access == .createIfMissing else {
        throw GalleryError(
          .notFound,
          "There is no gallery “\(address.schema)” at \(address.shown): `galleryctl create` makes one.")
      }
      try Self.create(address, connection)
      found = try Self.find(address, connection)
    }
    guard let found else {
      throw GalleryError(.notFound, "The gallery at \(address.shown) was removed at the same moment.")
    }
    guard let extensionSchema = try Self.extensionSchema(connection) else {
      throw GalleryError(
        .storage, "\(address.shown) has lost pgvector: have `CREATE EXTENSION vector` run in the database.")
    }
    (uuid, created) = found
    searchPath = "\(address.quotedSchema), \(ServerAddress.quoted(extensionSchema))"
  }

  /// Begins a gallery that is filled with another one's contents, or goes on with it; see ``PostgresSchema/unfinished``.
  ///
  /// - Throws: ``PostgreSQLError``; ``GalleryError`` with code `invalidArgument` where there is another gallery.
  init(_ address: ServerAddress, filling gallery: GalleryHead) throws {
    let connection = try Connection(address, application: Self.application)
    try Self.quieten(connection)
    if try !Self.isUnfinished(gallery.uuid, address, connection) {
      guard try Self.find(address, connection) == nil else {
        throw GalleryError(
          .invalidArgument,
          "There is a gallery at \(address.shown) already; name another one by gallery=NAME.")
      }
      try Self.create(address, connection, like: gallery)
    }
    (uuid, created) = (gallery.uuid, gallery.created)
    let path = try Self.extensionSchema(connection).map { ServerAddress.quoted($0) } ?? "public"
    searchPath = "\(address.quotedSchema), \(path)"
  }

  /// Whether a copy of a gallery was begun.
  private static func isUnfinished(
    _ gallery: UUID, _ address: ServerAddress, _ connection: Connection
  ) throws -> Bool {
    do {
      guard let head = try head(address, connection) else { return false }
      return head.version == PostgresSchema.unfinished && UUID(uuidString: head.uuid) == gallery
    } catch let error as PostgreSQLError where ["42P01", "3F000"].contains(error.sqlstate) {
      return false
    }
  }

  /// Makes a new connection one of the gallery's.
  static func prepare(_ connection: Connection, _ searchPath: String) throws {
    try quieten(connection)
    try connection.run("SET search_path TO \(searchPath)")
  }

  /// Hints of the server are no affair of a user's; compiling takes longer than these statements run.
  private static func quieten(_ connection: Connection) throws {
    try connection.run("SET client_min_messages TO warning; SET jit TO off")
  }

  /// What the schema says of the gallery in it; nil when there is none.
  private static func find(_ address: ServerAddress, _ connection: Connection) throws -> (UUID, Date)? {
    let schema = try connection.query(
      "SELECT count(*) FILTER (WHERE relname = 'gallery'), count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        + "WHERE nspname = $1 AND relkind IN ('r', 'p')", [.text(address.schema)])
    guard try schema.number(0, 0) > 0 else {
      if try schema.number(0, 1) == 0 || address.schema == "public" { return nil }
      throw GalleryError(
        .notAGallery,
        "The schema “\(address.schema)” at \(address.shown) holds other tables and no gallery; name another one by gallery=NAME."
      )
    }
    guard let head = try head(address, connection), let uuid = UUID(uuidString: head.uuid) else {
      throw GalleryError.damaged("the row of table gallery is missing")
    }
    let version = head.version
    if version == PostgresSchema.unfinished {
      throw GalleryError(
        .unavailable,
        "The copy at \(address.shown) is not complete yet; go on with it by `galleryctl copy`, or remove it by `DROP SCHEMA \(address.quotedSchema) CASCADE`."
      )
    }
    guard version == PostgresSchema.version else {
      throw GalleryError(
        .newerVersion,
        "The gallery at \(address.shown) has tables of version \(version), and this program reads version \(PostgresSchema.version); use "
          + "the version of the program that made them\(version > PostgresSchema.version ? ", or a newer one" : "")."
      )
    }
    return (uuid, head.created)
  }

  /// What the row of the gallery says of the gallery itself; nil when there is none.
  private static func head(
    _ address: ServerAddress, _ connection: Connection
  ) throws -> (version: Int64, uuid: String, created: Date)? {
    do {
      let result = try connection.query(
        "SELECT format::bigint, uuid::text, created FROM \(address.quotedSchema).gallery")
      return result.count == 1
        ? (try result.number(0, 0), try result.string(0, 1), try result.date(0, 2)) : nil
    } catch let error as PostgreSQLError where error.sqlstate == "42703" {
      throw GalleryError(
        .notAGallery,
        "The schema “\(address.schema)” at \(address.shown) has a table gallery of something else; name another schema by gallery=NAME."
      )
    }
  }

  private static func extensionSchema(_ connection: Connection) throws -> String? {
    let rows = try connection.run(
      "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'")
    return rows.first?.first ?? nil
  }

  /// Makes the schema with its tables, and pgvector where the server has it and it is not there: all, or nothing.
  private static func create(
    _ address: ServerAddress, _ connection: Connection, like gallery: GalleryHead? = nil
  ) throws {
    try connection.run("BEGIN")
    // Whoever makes the same one at the same moment waits here.
    _ = try connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text("facegallery")])
    if try find(address, connection) != nil {
      try connection.run("ROLLBACK")
      return
    }
    if try extensionSchema(connection) == nil {
      do {
        try connection.run("CREATE EXTENSION vector SCHEMA public")
      } catch {
        // 42501 is a right that is missing, 0A000 and 58P01 and 42704 are an extension that is not installed.
        guard ["42501", "0A000", "58P01", "42704"].contains(error.sqlstate) else { throw error }
        throw GalleryError(
          .storage,
          error.sqlstate == "42501"
            ? "pgvector is not set up in the database of \(address.shown), and this user may not do it: have its owner run `CREATE EXTENSION vector`."
            : "The server of \(address.shown) has no pgvector: install it there (Debian: postgresql-N-pgvector), then create the gallery again."
        )
      }
    }
    let path = try extensionSchema(connection).map { ServerAddress.quoted($0) } ?? "public"
    try connection.run(
      """
      CREATE SCHEMA IF NOT EXISTS \(address.quotedSchema);
      SET LOCAL search_path TO \(address.quotedSchema), \(path);
      \(PostgresSchema.tables)
      """)
    _ = try connection.query(
      "INSERT INTO gallery (format, uuid, created) VALUES ($1, $2::text::uuid, $3)",
      [
        .integer(gallery == nil ? Int64(PostgresSchema.version) : PostgresSchema.unfinished),
        .text((gallery?.uuid ?? UUID()).uuidString.lowercased()),
        try .time(gallery?.created ?? Date.storable),
      ])
    try connection.commit()
  }
}
