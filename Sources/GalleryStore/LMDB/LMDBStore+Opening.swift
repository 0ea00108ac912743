internal import Foundation
internal import LMDB
internal import Support

extension LMDBStore {
  /// Opens the environment in a folder and its databases, or makes them.
  static func open(
    _ path: String, access: StoreAccess, head: GalleryHead = GalleryHead()
  ) throws -> (Environment, Tables) {
    if try !isThere(path, access: access) {
      do {
        try create(in: path, head)
      } catch let error as LMDBError where error == .permissionDenied {
        throw GalleryError.notPermitted(at: path, access: access)
      } catch let error as LMDBError where [.noSuchFile, .notADirectory].contains(error) {
        throw GalleryError(
          .storage,
          "The folder \(path) cannot be created: \(SystemError("", path, code: error.rawValue).reason).")
      }
    }
    let environment = try openEnvironment(path, access: access)
    let tables = try openTables(in: environment, path: path, access: access)
    if access != .readOnly { try initialise(environment, tables, head) }
    return (environment, tables)
  }

  /// What makes a gallery this one.
  static func head(
    of environment: Environment, _ tables: Tables, _ path: String
  ) throws -> (UUID, Date, FormatVersion) {
    try environment.read { transaction in
      guard let format = try transaction.value(for: MetaKey.format, in: tables.meta),
        let uuid = try transaction.value(for: MetaKey.uuid, in: tables.meta), uuid.count == 16,
        let created = try transaction.value(for: MetaKey.created, in: tables.meta)
      else { throw notAGallery(path) }
      var reader = ByteReader(format)
      var date = ByteReader(created)
      do {
        let version = FormatVersion(major: try reader.integer(), minor: try reader.integer())
        return (UUID(bytes: uuid), Date(milliseconds: try date.integer()), version)
      } catch {
        throw GalleryError.damaged("its head cannot be read")
      }
    }
  }

  private static func notAGallery(_ path: String) -> GalleryError {
    GalleryError(.notAGallery, "The folder \(path) is not a gallery; choose another one.")
  }

  /// Whether there is a gallery to be opened; false when one is to be made.
  ///
  /// What is left of a gallery that has lost its database is never taken for a place where a new one may be made.
  private static func isThere(_ path: String, access: StoreAccess) throws -> Bool {
    var status = stat()
    let isThere = stat(path, &status) == 0
    if !isThere, errno == EACCES { throw GalleryError.notPermitted(at: path, access: access) }
    if isThere, status.st_mode & S_IFMT != S_IFDIR { throw notAGallery(path) }
    if Environment.exists(in: path) { return true }
    // What may not be looked into is no place without a gallery.
    if isThere, errno == EACCES { throw GalleryError.notPermitted(at: path, access: access) }
    let contents = isThere ? (try? Folder.names(in: path).valid) ?? [] : []
    if let trace = contents.first(where: LMDBFolder.isTrace) {
      throw GalleryError.damaged("data.mdb is missing in \(path), where \(trace) is left of a gallery")
    }
    guard access == .createIfMissing else {
      throw GalleryError(.notFound, "There is no gallery at \(path).")
    }
    // A gallery in the middle of somebody's photos is a slip of the keyboard. What begins with a dot, or was being made
    // when its process was killed, is in nobody's way.
    guard contents.allSatisfy({ $0.hasPrefix(".") || $0.hasPrefix("data.mdb.") && $0.hasSuffix(".partial") })
    else {
      throw GalleryError(
        .notAGallery,
        "The folder \(path) holds other files and no gallery; choose an empty or a new folder.")
    }
    return false
  }

  private static func openEnvironment(_ path: String, access: StoreAccess) throws -> Environment {
    do throws(LMDBError) {
      return try Environment(path: path, options: EnvironmentOptions(readOnly: access == .readOnly))
    } catch {
      switch error {
      case .permissionDenied: throw GalleryError.notPermitted(at: path, access: access)
      case .emptied: throw GalleryError.damaged("\(path)/data.mdb is empty, and what it held is lost")
      case .invalid:
        // A file that lost its head looks like somebody else's; what lies beside it tells.
        let names = (try? Folder.names(in: path).valid) ?? []
        guard let trace = names.first(where: { $0 != "lock.mdb" && LMDBFolder.isTrace($0) }) else {
          throw error
        }
        throw GalleryError.damaged(
          "\(path)/data.mdb is not a database, and \(trace) beside it is of a gallery")
      default: throw error
      }
    }
  }

  private static func openTables(
    in environment: Environment, path: String, access: StoreAccess
  ) throws -> Tables {
    do {
      let tables = try environment.openDatabases(creating: false) { try Tables($0) }
      if tables.isComplete || access == .readOnly { return tables }
      // Written by an older version, which had fewer databases.
      return try environment.openDatabases(creating: true) { try Tables($0) }
    } catch let error as LMDBError where error == .notFound {
      guard environment.databaseCount == 0, access != .readOnly else { throw notAGallery(path) }
      return try environment.openDatabases(creating: true) { try Tables($0) }
    } catch let error as LMDBError where error == .incompatible {
      throw notAGallery(path)
    }
  }

  /// Makes a gallery: it is there with all that belongs to an empty one, or not at all.
  private static func create(in path: String, _ head: GalleryHead) throws {
    try Environment.create(in: path, databases: { try Tables($0) }, records: { try writeHead(head, $0, $1) })
  }

  /// Writes the head of a gallery whose making by an older version was interrupted.
  private static func initialise(
    _ environment: Environment, _ tables: Tables, _ head: GalleryHead
  ) throws {
    let isInitialised = try environment.read { try $0.contains(MetaKey.format, in: tables.meta) }
    if isInitialised { return }
    try environment.write { transaction in
      // Another process may have been first.
      if try transaction.contains(MetaKey.format, in: tables.meta) { return }
      // Records without a head are a gallery that has lost it.
      guard try transaction.count(of: tables.meta) == 0, try transaction.count(of: tables.persons) == 0,
        try transaction.count(of: tables.faces) == 0
      else { throw GalleryError.damaged("its head is missing") }
      try writeHead(head, tables, transaction)
    }
  }

  private static func writeHead(
    _ head: GalleryHead, _ tables: Tables, _ transaction: borrowing WriteTransaction
  ) throws {
    var format = ByteWriter()
    format.integer(version.major)
    format.integer(version.minor)
    var created = ByteWriter()
    created.integer(head.created.milliseconds)
    let uuid = head.uuid.bytes
    if let replica = head.replica {
      try transaction.put(replica.encoded, for: MetaKey.replica, in: tables.meta)
    }
    try transaction.put(uuid, for: MetaKey.uuid, in: tables.meta)
    try transaction.put(created.bytes, for: MetaKey.created, in: tables.meta)
    try transaction.put(Counters().encoded, for: MetaKey.counters, in: tables.meta)
    try transaction.put(
      headChecksum(format.bytes, uuid, created.bytes), for: MetaKey.headChecksum, in: tables.meta)
    try transaction.put(format.bytes, for: MetaKey.format, in: tables.meta)
  }
}

/// What makes a new gallery this one: of its own, or of the one that it is a copy of.
struct GalleryHead {
  var uuid = UUID()
  var created = Date.now
  /// Nil for a gallery of its own.
  var replica: ReplicaState?
}
