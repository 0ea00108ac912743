package import Foundation

/// The one place that chooses a store.
///
/// Another one is a folder beside `LMDB/` that implements ``Store``, ``StoreSnapshot`` and ``StoreWriter``, and a line of
/// ``open(at:access:)`` that knows its galleries by what lies in their folder.
package enum Stores {
  /// Opens the store of the gallery in a folder, or makes it.
  ///
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`, ….
  package static func open(at folder: URL, access: StoreAccess) throws -> any Store {
    try LMDBStore(at: folder, access: access)
  }

  /// A store of nobody, which is kept nowhere.
  package static func empty() -> any Store { InMemoryStore() }

  /// Whether a folder holds a gallery.
  package static func hasGallery(at folder: URL) -> Bool {
    if case .gallery = StoreFolder(folder).state { true } else { false }
  }

  /// Names and versions of the C libraries that stores rest on.
  package static var libraryVersions: [(name: String, version: String)] { [LMDBStore.libraryVersion] }
}
