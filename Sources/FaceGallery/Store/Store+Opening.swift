internal import Foundation
internal import LMDB

extension Store {
  /// Opens the store in a folder, or makes it.
  ///
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`; ``LMDBError``.
  init(
    at url: URL, access: GalleryOptions.Access
  ) throws {
    let path = url.path(percentEncoded: false)
    try Self.checkFolder(path, access: access)
    environment = try Environment(
      path: path, options: EnvironmentOptions(readOnly: access == .readOnly))
    tables = try Self.openTables(in: environment, path: path, access: access)
    if access != .readOnly { try Self.initialise(environment, tables) }

    (uuid, created, formatVersion) = try environment.read { [tables] transaction in
      guard let format = try transaction.value(for: MetaKey.format, in: tables.meta),
        let uuid = try transaction.value(for: MetaKey.uuid, in: tables.meta), uuid.count == 16,
        let created = try transaction.value(for: MetaKey.created, in: tables.meta)
      else { throw Self.notAGallery(path) }
      return try Self.decoding("its head") {
        var reader = ByteReader(format)
        let version = FormatVersion(major: try reader.integer(), minor: try reader.integer())
        var date = ByteReader(created)
        return (UUID(bytes: uuid), Date(milliseconds: try date.integer()), version)
      }
    }
    guard formatVersion.major <= Self.version.major else {
      throw GalleryError(
        .newerVersion,
        "The gallery \(path) has format \(formatVersion.major).\(formatVersion.minor) and this program "
          + "reads up to \(Self.version.major); use a newer version of the program.")
    }
  }

  private static func notAGallery(_ path: String) -> GalleryError {
    GalleryError(.notAGallery, "The folder \(path) is not a gallery; choose another one.")
  }

  private static func checkFolder(_ path: String, access: GalleryOptions.Access) throws(GalleryError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, !isFolder.boolValue { throw notAGallery(path) }
    if FileManager.default.fileExists(atPath: path + "/data.mdb") { return }
    guard access == .createIfMissing else {
      throw GalleryError(.notFound, "There is no gallery at \(path); check the path or make one.")
    }
    if exists {
      // A gallery in the middle of somebody's photos is a slip of the keyboard.
      let contents = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      guard contents.allSatisfy({ $0.hasPrefix(".") || $0 == "lock.mdb" }) else {
        throw GalleryError(
          .notAGallery,
          "The folder \(path) holds other files and no gallery; choose an empty or a new folder.")
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw GalleryError(fileSystem: error, "The folder \(path) cannot be made")
    }
  }

  private static func openTables(
    in environment: Environment, path: String, access: GalleryOptions.Access
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

  /// Writes the head of a new gallery, also of one whose making was interrupted.
  private static func initialise(_ environment: Environment, _ tables: Tables) throws {
    let isInitialised = try environment.read { try $0.contains(MetaKey.format, in: tables.meta) }
    if isInitialised { return }
    var format = ByteWriter()
    format.integer(version.major)
    format.integer(version.minor)
    var created = ByteWriter()
    created.integer(Date.now.milliseconds)
    let uuid = UUID().bytes
    try environment.write { transaction in
      // Another process may have been first.
      if try transaction.contains(MetaKey.format, in: tables.meta) { return }
      try transaction.put(uuid, for: MetaKey.uuid, in: tables.meta)
      try transaction.put(created.bytes, for: MetaKey.created, in: tables.meta)
      try transaction.put(Counters().encoded, for: MetaKey.counters, in: tables.meta)
      try transaction.put(
        headChecksum(format.bytes, uuid, created.bytes), for: MetaKey.headChecksum, in: tables.meta)
      try transaction.put(format.bytes, for: MetaKey.format, in: tables.meta)
    }
  }
}

extension UUID {
  /// The 16 bytes in the order of their text form.
  var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

  /// - Precondition: There are 16 bytes.
  init(bytes: [UInt8]) {
    var value = uuid_t(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes) }
    self.init(uuid: value)
  }
}
