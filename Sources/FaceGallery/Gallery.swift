public import FaceEngine
public import Foundation
internal import GalleryStore
internal import Support
internal import Synchronization

/// People, their faces, and answers to "who is this?".
///
/// A gallery is a folder, or a schema of a PostgreSQL server, whose address is its URL: see ``address(_:)``. Any number of tasks, threads and processes may use it at the same time: readers see
/// the last commit and never wait for writers, one writer at a time changes it, and what a method has changed
/// when it returns is on disk and survives a crash.
///
/// All methods block their thread: those with photos for as long as the engine computes, the others for
/// micro- to milliseconds. An `async` program calls them from threads of its own.
public final class Gallery: Sendable {
  /// The gallery's folder, or the address of the server that keeps it, without passwords.
  public let url: URL

  /// The gallery's folder; nil where a server keeps it.
  package var folder: URL? { Stores.isServer(url) ? nil : url }

  /// The gallery's place for people to read: the path of the folder, or the address of the server, without passwords.
  public var place: String { Stores.shown(url) }

  /// The engine that turns photos into embeddings; nil when the program brings embeddings.
  public let engine: (any EmbeddingEngine)?

  /// How the gallery was opened.
  public let options: GalleryOptions

  /// Names of files and folders that killed processes had left half done in the gallery's folder, and that were removed when it
  /// was opened; none when it was opened for reading.
  public let clearedLeftovers: [String]

  private let session: Mutex<Session?>

  /// Opens a gallery, or makes it.
  ///
  /// Takes milliseconds at any size: the index is opened when it is first needed, from its snapshot.
  ///
  /// - Parameters:
  ///   - url: The gallery's folder, or an address.
  ///   - engine: Turns photos into embeddings; nil when the program brings embeddings, or none are needed.
  ///   - options: What may be done with what is, or is not, at the path, and limits.
  ///   - warn: Is told, on any thread, what goes wrong with the index in the background.
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`, `permissionDenied`,
  ///   `readOnly`, `diskFull`, `engineMismatch`, `unavailable`.
  public static func open(
    at url: URL, engine: (any EmbeddingEngine)? = nil, options: GalleryOptions = GalleryOptions(),
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(GalleryError) -> Gallery {
    try checkPath(url)
    return try GalleryError.wrapping(at: url) {
      let store = try Stores.open(at: url, access: options.access)
      return try Gallery(of: store, at: url, engine: engine, options: options, warn: warn)
    }
  }

  /// Makes sure that a path can be a gallery's.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument`.
  static func checkPath(_ url: URL) throws(GalleryError) {
    if Stores.isServer(url) { return }
    let path = url.path(percentEncoded: false)
    guard !PathText.hasEscape(path) else {
      throw GalleryError(
        .invalidArgument,
        "\(path) has bytes that are not UTF-8 (those written as \\x), or reads so; give the folder another name, or name a link to it."
      )
    }
    guard !exists(at: url), let outer = gallery(around: url) else { return }
    throw GalleryError(
      .invalidArgument,
      "\(path) lies in the gallery \(outer.path(percentEncoded: false)); name a folder of its own.")
  }

  /// Opens a gallery, or makes it, with the engine that fits it.
  ///
  /// - Parameters:
  ///   - url: The gallery's folder.
  ///   - options: What may be done with what is, or is not, at the path, and limits.
  ///   - warn: Is told, on any thread, what goes wrong with the index in the background.
  ///   - engine: Makes the engine, given the one that the gallery was filled with, see ``engineSpecification()``; where there is
  ///     no gallery yet, it is called before one is made.
  /// - Throws: As ``open(at:engine:options:warn:)``, and what `engine` throws.
  public static func open(
    at url: URL, options: GalleryOptions = GalleryOptions(),
    warn: @escaping @Sendable (String) -> Void = { _ in },
    engine: (EngineSpecification?) throws -> (any EmbeddingEngine)?
  ) throws -> Gallery {
    try checkPath(url)
    guard exists(at: url) else {
      return try open(at: url, engine: engine(nil), options: options, warn: warn)
    }
    let (store, choice) = try GalleryError.wrapping(at: url) {
      let store = try Stores.open(at: url, access: options.access)
      return (store, try store.read { try $0.rememberedEngine() })
    }
    let made = try engine(choice)
    return try GalleryError.wrapping(at: url) {
      try Gallery(of: store, at: url, engine: made, options: options, warn: warn)
    }
  }

  /// Whether there is a gallery in a folder, of whatever version and state, or at an address; where the server cannot be asked, it is taken to
  /// be there.
  public static func exists(at url: URL) -> Bool {
    Stores.isServer(url)
      ? (try? Stores.exists(at: url)) ?? true : Stores.folder(at: url).contents == .gallery
  }

  /// The URL of a gallery that a PostgreSQL server keeps, from its address: a URL of libpq's, such as
  /// `postgresql://user@db1,db2/faces?target_session_attrs=read-write`, whose parameter `gallery` names the schema (`facegallery` by default).
  ///
  /// - Returns: Nil for a text that begins with neither `postgresql://` nor `postgres://`: the path of a folder.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for an address that cannot be understood.
  public static func address(_ text: String) throws(GalleryError) -> URL? { try Stores.address(text) }

  /// Whether a URL is the address of a server, and no folder's.
  public static func isOnServer(_ url: URL) -> Bool { Stores.isServer(url) }

  /// A gallery's place for people to read: the path of a folder, or an address without passwords.
  public static func place(of url: URL) -> String { Stores.shown(url) }

  /// Makes sure that a gallery is in files, for what is done with files.
  ///
  /// - Parameter remedy: What is done instead where a server keeps it, as a sentence.
  /// - Throws: ``GalleryError`` with code `invalidArgument`.
  static func checkInFiles(_ url: URL, _ remedy: String) throws(GalleryError) {
    if Stores.isServer(url) {
      throw GalleryError(.invalidArgument, "The gallery is kept by PostgreSQL and not in files: \(remedy)")
    }
  }

  /// The gallery in whose folder, or below it, a file or folder lies or would lie; nil when there is none. Nothing else should be put
  /// there: the gallery writes over it, or deletes it, as it needs.
  public static func gallery(around url: URL) -> URL? {
    Stores.gallery(around: url).map { URL(filePath: $0, directoryHint: .isDirectory) }
  }

  /// Opens the gallery that a store holds.
  ///
  /// - Parameters:
  ///   - store: People, faces and vectors.
  ///   - url: A folder for what is derived from them: the index.
  package init(
    of store: any Store, at url: URL, engine: (any EmbeddingEngine)? = nil,
    options: GalleryOptions = GalleryOptions(), warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.url = Stores.withoutPasswords(url)
    self.engine = engine
    self.options = options
    let session = try Session(store, at: url, options: options, warn: warn)
    if let identity = engine?.fingerprint ?? options.fingerprint,
      let stored = try session.store.read({ try $0.fingerprint() })
    {
      try EngineIdentity.check(
        identity, against: stored, named: engine?.specification,
        storedAs: session.store.read { try $0.rememberedEngine() })
    }
    clearedLeftovers = session.clearedLeftovers
    self.session = Mutex(session)
    // What cannot be forgotten now is forgotten at another time; nothing else depends on it.
    if options.access != .readOnly { try? session.forgetExpiredRemovals() }
  }

  deinit { try? close() }

  /// Ends the work on the gallery, and saves the index when that spares the next opening much work; every
  /// method throws `closed` afterwards. A gallery that is no longer referred to closes by itself.
  ///
  /// Nothing is lost without it: what was changed is on disk, and the index catches up. Whoever changed something knows by the
  /// method that did it; an error here says nothing about that.
  ///
  /// - Throws: ``GalleryError`` with code `indexNotSaved`, and no other; the gallery is closed all the same.
  public func close() throws(GalleryError) {
    guard let session = session.withLock({ $0.take() }) else { return }
    do {
      try session.saver.finish()
    } catch {
      throw GalleryError(indexNotSaved: error)
    }
  }

  /// Runs `body` with what the gallery works with.
  func perform<Result>(_ body: (Session) throws -> Result) throws(GalleryError) -> Result {
    guard let session = session.withLock({ $0 }) else {
      throw GalleryError(.closed, "The gallery was closed; open it again.")
    }
    return try GalleryError.wrapping(at: url) { try body(session) }
  }

  /// Runs `body` on the state of the last commit.
  func read<Result>(
    _ body: (borrowing Snapshot) throws -> Result
  ) throws(GalleryError) -> Result {
    try perform { session in try session.store.read(body) }
  }

  /// Runs `body` as the only writer and commits; `body` may run more than once.
  func write<Result>(
    _ body: (borrowing Writer) throws -> Result
  ) throws(GalleryError) -> Result {
    try perform { session in
      let result = try session.store.write { writer in
        let result = try body(writer)
        // For a client that left nothing is stored.
        try EngineError.checkCancellation()
        return result
      }
      session.saver.didCommit()
      return result
    }
  }

  /// The engine whose embeddings are added, as far as the program says.
  var identity: EngineIdentity? {
    if let engine {
      return EngineIdentity(
        fingerprint: engine.fingerprint, operatingPoint: engine.operatingPoint, engine: engine.specification)
    }
    return options.fingerprint.map { EngineIdentity(fingerprint: $0, operatingPoint: nil, engine: nil) }
  }

  func requireEngine() throws(GalleryError) -> any EmbeddingEngine {
    guard let engine else {
      throw GalleryError(
        .engineNeeded, "Photos can be used only with an engine; open the gallery with one.")
    }
    return engine
  }
}
