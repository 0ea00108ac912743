internal import Foundation
internal import LMDB
internal import Support

/// The folder of a gallery that is kept in LMDB: `data.mdb` and `lock.mdb`, and what a gallery has beside them.
struct LMDBFolder: StoreFolder {
  let path: String

  init(path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  var contents: FolderContents {
    guard let kind = try? InputFile.kind(of: path) else { return .vacant }
    // A folder may be one whose names may not be read.
    if kind == .folder, InputFile.exists(database) { return .gallery }
    guard kind == .folder, let (names, invalid) = try? Folder.names(in: path) else { return .foreign }
    if names.isEmpty, invalid.isEmpty { return .vacant }
    if names.contains("data.mdb") { return .gallery }
    return invalid.isEmpty && names.allSatisfy(owns) ? .remains(names.sorted()) : .foreign
  }

  var places: [String] {
    [path, Folder.of(URL(filePath: database).resolvingSymlinksInPath().path(percentEncoded: false))]
  }

  var bytes: Int {
    var status = stat()
    return stat(database, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether a file or folder of this name is one that a gallery makes.
  private func owns(_ name: String) -> Bool {
    name == "data.mdb" || Self.isTrace(name) || ["keys.json.new", "restoring"].contains(name)
      || name.hasSuffix(".partial") || name.hasSuffix(".lock")
  }

  func isOldLeftover(_ name: String) -> Bool { name == "data.mdb.partial" }

  /// Whether a file or folder beside `data.mdb` is there only when that was there, too.
  static func isTrace(_ name: String) -> Bool {
    ["lock.mdb", "index.snapshot", "index.lock", "reembedding", "keys.json", "photos.cache", AuditFile.name]
      .contains(name)
  }

  /// The file of the database.
  private var database: String { "\(path)/data.mdb" }

  /// The beginning of the database.
  func state() throws -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: database) else { throw SystemError("be opened", database) }
    // Two pages of LMDB's, of the largest size that a system has.
    return [UInt8](try file.read(upToCount: 2 << 16) ?? Data())
  }

  func whileUnused<Result>(
    suspending own: (any Store)?,
    _ body: (_ replaceFiles: (_ copy: String) throws -> (any Error)?) throws -> Result
  ) throws -> Result {
    try alone(suspending: own) { access in
      try body { copy in
        let new = LMDBFolder(path: copy).database
        do {
          try access.replaceData(by: new)
          return nil
        } catch {
          guard Glibc.access(new, F_OK) != 0, Glibc.access(database, F_OK) == 0 else { throw error }
          return error
        }
      }
    }
  }

  private func alone<Result>(
    suspending own: (any Store)? = nil, _ body: (borrowing ExclusiveAccess) throws -> Result
  ) throws -> Result {
    do {
      guard let own else { return try Environment.withExclusiveAccess(to: path, body) }
      guard let own = own as? LMDBStore else { throw LMDBError.replaced }
      return try own.environment.withExclusiveAccess(in: path, body)
    } catch let error as LMDBError where error == .inUse {
      throw GalleryError.inUse(at: path)
    } catch let error as LMDBError where error == .busy && own != nil {
      throw GalleryError.inUseHere(at: path)
    }
  }

  func compact() throws { try alone { try $0.compact() } }

  var storeFiles: [String] { ["lock.mdb", "data.mdb"] }

  func removeLocks() { unlink("\(path)/lock.mdb") }
}

extension LMDBStore {
  /// The copy has full pages, and no byte of what removals keep.
  package func copy(to folder: String, progress: (@Sendable (Int) -> Void)?) throws {
    try GrowingFile(path: "\(folder)/data.mdb").watched(by: progress) { try environment.backup(to: folder) }
    let copy = LMDBFolder(path: folder)
    // Before the copy is opened as a gallery, which would miss its file.
    if try view({ try $0.auditHead() }) != nil { try copy.endAudit() }
    defer { copy.removeLocks() }
    if try Self.settleCopy(at: folder) { try copy.compact() }
  }

  /// Makes a copy that nobody else uses a gallery of its own without removals; false when that changed nothing that takes room.
  private static func settleCopy(at folder: String) throws -> Bool {
    let store = try LMDBStore(
      at: URL(filePath: folder, directoryHint: .isDirectory), access: .existing)
    let (isReplica, keepsRemoved) = try store.view { (try $0.replicaState() != nil, try $0.keepsRemoved()) }
    guard isReplica || keepsRemoved else { return false }
    try store.commit(settlesAudit: true) { writer in
      if isReplica { try writer.endReplica() }
      if keepsRemoved { try writer.forgetRemovals() }
    }
    return keepsRemoved
  }
}
