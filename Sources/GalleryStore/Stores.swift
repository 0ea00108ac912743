package import FaceEngine
package import Foundation
internal import Support

/// The one place that chooses a store.
///
/// Another one is a folder beside `LMDB/` that implements ``Store``, ``StoreSnapshot``, ``StoreWriter`` and, where it has files,
/// ``StoreFolder`` and ``EmbeddingStage``, and a line of each function here that knows its galleries by what lies in their folder.
package enum Stores {
  /// Opens the store of the gallery in a folder, or at a server's address, or makes it.
  ///
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`, `unavailable`, ….
  package static func open(at place: URL, access: StoreAccess) throws -> any Store {
    try isServer(place) ? PostgresStore(at: place, access: access) : LMDBStore(at: place, access: access)
  }

  /// Opens the copy of a server's gallery in a folder, or makes it, and keeps it in step; see ``ReplicaStore``.
  ///
  /// - Throws: ``GalleryError``.
  package static func copy(
    of address: URL, in folder: URL, progress: (@Sendable (Int) -> Void)? = nil,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> any Store { try ReplicaStore(of: address, in: folder, progress: progress, warn: warn) }

  /// Whether a gallery's place is the address of a server, and no folder.
  package static func isServer(_ place: URL) -> Bool { PostgresStore.isAddress(place) }

  /// The address of a server that a text is, as a URL; nil for a folder.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument` for an address that cannot be understood.
  package static func address(_ text: String) throws(GalleryError) -> URL? {
    try PostgresStore.address(text)
  }

  /// Whether there is a gallery at a server's address.
  ///
  /// - Throws: ``GalleryError`` when nobody can be asked.
  package static func exists(at address: URL) throws -> Bool {
    do {
      _ = try PostgresStore(at: address, access: .readOnly)
      return true
    } catch let error as GalleryError where error.code == .notFound {
      return false
    }
  }

  /// A place as a URL that may be shown.
  package static func withoutPasswords(_ place: URL) -> URL {
    isServer(place) ? (try? address(shown(place))) ?? place : place
  }

  /// A place as it may be shown: a folder's path, or an address without passwords.
  package static func shown(_ place: URL) -> String {
    isServer(place) ? PostgresStore.shown(place) : place.path(percentEncoded: false)
  }

  /// A store of nobody, which is kept nowhere.
  package static func empty() -> any Store { InMemoryStore() }

  /// The files of the gallery in a folder, which need not be there.
  package static func folder(at path: String) -> any StoreFolder { LMDBFolder(path: path) }

  /// The files of the gallery in a folder, which need not be there.
  package static func folder(at url: URL) -> any StoreFolder {
    folder(at: url.standardizedFileURL.path(percentEncoded: false))
  }

  /// The gallery in whose folder, or below it, a file or folder lies or would lie; nil when there is none. What is put there belongs to the
  /// gallery, which may write over it or delete it.
  ///
  /// - Complexity: A folder is looked at for each part of the path.
  package static func gallery(around url: URL) -> String? {
    let path = url.path(percentEncoded: false)
    // What is a link itself is written through, and stays in its own folder.
    let folders = [ReplacementFile.target(of: path) ?? path, path].map { Folder.of($0) }
    return folders.lazy.compactMap { gallery(at: Folder.real($0) ?? $0) }.first
  }

  private static func gallery(at path: String) -> String? {
    var place = path
    while true {
      if folder(at: place).contents == .gallery { return place }
      let above = Folder.of(place)
      if above == place || place == "/" { return nil }
      place = above
    }
  }

  /// Opens the stage in a gallery's folder, or makes it; one that was begun for another engine is emptied, and a damaged one
  /// is begun anew.
  ///
  /// - Throws: ``GalleryError`` with code `inUse` while another process fills it.
  package static func stage(
    in folder: URL, of uuid: UUID, for engine: EngineFingerprint
  ) throws -> any EmbeddingStage { try LMDBEmbeddingStage(in: folder, of: uuid, for: engine) }

  /// The folder for what is collected beside a gallery for a while: its own or, where a server keeps it, one of this user's on this machine.
  ///
  /// - Throws: An error of the file system where it cannot be made.
  package static func workFolder(of place: URL, _ uuid: UUID) throws -> URL {
    guard isServer(place) else { return place }
    let caches =
      ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].map {
        URL(filePath: $0, directoryHint: .isDirectory)
      }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(
        path: ".cache", directoryHint: .isDirectory)
    let folder = caches.appending(
      path: "facegallery/\(uuid.uuidString.lowercased())", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return folder
  }

  /// Removes what an interrupted run has left of a stage, for those who know that nobody fills it.
  package static func removeStage(in folder: URL) { LMDBEmbeddingStage.remove(in: folder) }

  /// Names and versions of the C libraries that stores rest on.
  package static var libraryVersions: [(name: String, version: String)] {
    [LMDBStore.libraryVersion] + [PostgresStore.libraryVersion].compactMap { $0 }
  }
}
