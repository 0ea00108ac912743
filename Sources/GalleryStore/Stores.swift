package import FaceEngine
package import Foundation
internal import Support

/// The one place that chooses a store.
///
/// Another one is a folder beside `LMDB/` that implements ``Store``, ``StoreSnapshot``, ``StoreWriter`` and, where it has files,
/// ``StoreFolder`` and ``EmbeddingStage``, and a line of each function here that knows its galleries by what lies in their folder.
package enum Stores {
  /// Opens the store of the gallery in a folder, or makes it.
  ///
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`, ….
  package static func open(at folder: URL, access: StoreAccess) throws -> any Store {
    try LMDBStore(at: folder, access: access)
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

  /// Removes what an interrupted run has left of a stage, for those who know that nobody fills it.
  package static func removeStage(in folder: URL) { LMDBEmbeddingStage.remove(in: folder) }

  /// Names and versions of the C libraries that stores rest on.
  package static var libraryVersions: [(name: String, version: String)] { [LMDBStore.libraryVersion] }
}
