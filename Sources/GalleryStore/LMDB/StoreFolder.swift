package import Foundation
internal import LMDB
internal import Support

/// The folder of a gallery as one that holds files: whose they are, and how the database among them is replaced.
package struct StoreFolder: Sendable {
  /// Without a slash at its end.
  package let path: String

  package init(_ url: URL) { self.init(path: url.standardizedFileURL.path(percentEncoded: false)) }

  package init(path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// What a folder holds.
  package enum State {
    /// Nothing, or there is none.
    case vacant
    /// A gallery.
    case gallery
    /// Files of a gallery whose `data.mdb` is lost.
    case remains([String])
    /// Something else.
    case foreign
  }

  package var state: State {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return .vacant }
    guard isFolder.boolValue, let (names, invalid) = try? Folder.names(in: path) else { return .foreign }
    if names.isEmpty, invalid.isEmpty { return .vacant }
    if names.contains("data.mdb") { return .gallery }
    return invalid.isEmpty && names.allSatisfy(Self.isOurs) ? .remains(names.sorted()) : .foreign
  }

  /// Whether a file or folder is one that a gallery makes.
  private static func isOurs(_ name: String) -> Bool {
    isTrace(name) || ["keys.json.new", "restoring"].contains(name) || name.hasSuffix(".partial")
      || name.hasSuffix(".lock")
  }

  /// Whether a file or folder beside `data.mdb` is there only when that was there, too.
  static func isTrace(_ name: String) -> Bool {
    ["lock.mdb", "index.snapshot", "index.lock", "reembedding", "keys.json", "photos.cache"].contains(name)
  }

  /// Whether a file is one of a gallery, which nothing else may be written over.
  package static func isOfGallery(_ file: URL) -> Bool {
    let file = file.standardizedFileURL.resolvingSymlinksInPath()
    let name = file.lastPathComponent
    guard name == "data.mdb" || isOurs(name) else { return false }
    if case .gallery = StoreFolder(file.deletingLastPathComponent()).state { return true }
    return false
  }

  /// The file of the database.
  package var database: String { "\(path)/data.mdb" }

  /// The beginning of the database, which every commit changes.
  package func head() throws -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: database) else { throw SystemError("be opened", database) }
    // Two pages of LMDB's, of the largest size that a system has.
    return [UInt8](try file.read(upToCount: 2 << 16) ?? Data())
  }

  /// Runs `body` while nobody has the gallery open, and nobody can open it.
  ///
  /// - Parameter body: Is given a function that puts a file in the place of the database.
  /// - Throws: ``GalleryError`` with code `inUse`, which names who has it open; then nothing has changed.
  package func whileUnused<Result>(
    _ body: (_ replaceDatabase: (_ file: String) throws -> Void) throws -> Result
  ) throws -> Result {
    try alone { access in try body { file in try access.replaceData(by: file) } }
  }

  private func alone<Result>(_ body: (borrowing ExclusiveAccess) throws -> Result) throws -> Result {
    do {
      return try Environment.withExclusiveAccess(to: path, body)
    } catch let error as LMDBError where error == .inUse {
      throw GalleryError.inUse(at: path)
    }
  }

  /// Makes sure that nobody has the gallery open now.
  ///
  /// - Throws: ``GalleryError`` with code `inUse`.
  package func checkUnused() throws { try whileUnused { _ in } }

  /// Writes the database anew without free pages; nobody may have it open.
  package func compactDatabase() throws { try alone { try $0.compact() } }

  /// Removes the locks, for those who know that nobody uses them.
  package func removeLocks() { unlink("\(path)/lock.mdb") }
}

extension LMDBStore {
  /// The copy has full pages.
  package func copy(to folder: String, progress: (@Sendable (Int) -> Void)?) throws {
    try GrowingFile(path: "\(folder)/data.mdb").watched(by: progress) { try environment.backup(to: folder) }
  }
}
