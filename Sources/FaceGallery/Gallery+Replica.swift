public import FaceEngine
public import Foundation
public import GalleryStore

extension Gallery {
  /// Opens a copy in files of a gallery that PostgreSQL keeps, or makes it, and keeps it in step: queries are answered from the copy and its index,
  /// with and without the server; what is changed is changed on the server, and done when the copy has it.
  ///
  /// The first copy takes as long as everything takes to be read; one that was interrupted goes on. A copy that was made before is opened within
  /// milliseconds, also while the server is away.
  ///
  /// - Parameters:
  ///   - address: Where PostgreSQL keeps the gallery; see ``address(_:)``.
  ///   - folder: The folder of the copy: empty, not there, or that of a copy of the same gallery. Keys and other files of a gallery's folder are here.
  ///   - options: Limits; `access` does not count.
  ///   - warn: Is told, on any thread, what goes wrong with the index in the background, what stands in the way of following, and that it goes on.
  ///   - progress: Called now and then with the number of faces copied, while the first copy is made.
  ///   - engine: Makes the engine, given the one that the gallery was filled with.
  /// - Throws: ``GalleryError``: `notFound`, `unavailable`, `permissionDenied`, `invalidArgument` for a folder of another gallery, `replaced` for one
  ///   of a copy of another one, …; and what `engine` throws.
  public static func open(
    copyOf address: URL, in folder: URL, options: GalleryOptions = GalleryOptions(),
    warn: @escaping @Sendable (String) -> Void = { _ in }, progress: (@Sendable (Int) -> Void)? = nil,
    engine: (EngineSpecification?) throws -> (any EmbeddingEngine)? = { _ in nil }
  ) throws -> Gallery {
    guard Stores.isServer(address), !Stores.isServer(folder) else {
      throw GalleryError(
        .invalidArgument,
        "A copy in a folder follows a gallery in PostgreSQL, and \(place(of: address)) is none.")
    }
    try checkPath(folder)
    let (store, choice) = try GalleryError.wrapping(at: folder) {
      let store = try Stores.copy(of: address, in: folder, progress: progress, warn: warn)
      return (store, try store.read { try $0.rememberedEngine() })
    }
    let made = try engine(choice)
    return try GalleryError.wrapping(at: folder) {
      try Gallery(of: store, at: folder, engine: made, options: options, warn: warn)
    }
  }

  /// How the copy stands that follows a gallery in PostgreSQL; nil for other galleries.
  public var replication: ReplicaStatus? {
    get throws(GalleryError) { try perform { $0.store.replication } }
  }
}
