public import FaceGallery
public import Foundation

/// What is in a gallery and how its index stands, in JSON.
public struct GalleryRecord: Encodable, Sendable {
  /// The gallery's folder, or its address without passwords; a server leaves it out.
  public let folder: String?
  /// The gallery's own number.
  public let uuid: UUID
  /// When it was made.
  public let created: Date
  /// The last committed change.
  public let sequence: UInt64
  /// People in it.
  public let people: Int
  /// Faces in it, those without a name among them.
  public let faces: Int
  /// Faces without a name.
  public let unnamedFaces: Int
  /// Faces of which a thumbnail is kept.
  public let thumbnails: Int
  /// Components of an embedding; absent before the first one.
  public let dimension: Int?
  /// The engine by its parts, such as detector, alignment and weights; absent before the first face.
  public let engine: EngineFingerprint?
  /// Version of the form of the files.
  public let schemaVersion: Int
  /// Size of the database.
  public let databaseBytes: Int
  /// How much of it is free.
  public let freeBytes: Int
  /// How the index stands.
  public let index: Index
  /// How the saved index stands.
  public let snapshot: Snapshot
  /// The removals that can be undone.
  public let removals: [KeptRemovalRecord]
  /// What keeps the gallery where that is PostgreSQL.
  public let database: Database?
  /// What the gallery is a copy of, where it follows one in PostgreSQL.
  public let copy: Copy?

  /// What a copy follows, in JSON.
  public struct Copy: Encodable, Sendable {
    /// The address of the truth, without passwords.
    public let address: String
    /// Commits of the truth that the copy has.
    public let commits: Int64

    init(_ status: ReplicaStatus) { (address, commits) = (status.server, status.commits) }
  }

  /// A PostgreSQL server, in JSON.
  public struct Database: Encodable, Sendable {
    /// The schema that holds the gallery.
    public let schema: String
    /// The server's version.
    public let version: String
    /// The version of pgvector.
    public let vectorVersion: String
    /// Whether it is a standby, which takes no changes.
    public let standby: Bool
    /// What a commit waits for.
    public let synchronousCommit: String
    /// The standbys that a commit waits for; empty when it waits for none.
    public let synchronousStandbys: String

    init(_ server: ServerFacts) {
      (schema, version, vectorVersion) = (server.schema, server.version, server.vectorVersion)
      standby = server.isStandby
      (synchronousCommit, synchronousStandbys) = (server.synchronousCommit, server.synchronousStandbys)
    }
  }

  /// The index, in JSON.
  public struct Index: Encodable, Sendable {
    /// Whether there is a graph.
    public let ready: Bool
    /// Faces in it.
    public let faces: Int
    /// Changes after it.
    public let tail: Int
    /// Links of a node on the upper levels.
    public let m: Int
    /// Width of the search while building.
    public let efConstruction: Int
    /// Memory that it takes.
    public let memoryBytes: Int
    /// Queries by the way in which they were answered.
    public let queries: [String: Int]
    /// How often it could not be brought up to date or saved in the background.
    public let failures: Int
    /// Why, the last time.
    public let problem: String?
  }

  /// The saved index, in JSON.
  public struct Snapshot: Encodable, Sendable {
    /// Whether it can be used.
    public let state: GalleryInfo.SnapshotState
    /// The last change in it.
    public let sequence: UInt64?
    /// Its size.
    public let bytes: Int?
    /// Why it cannot be used.
    public let problem: String?
  }

  /// The record of a gallery.
  ///
  /// - Parameters:
  ///   - info: What is known of it.
  ///   - withPaths: Whether the reader may know where the gallery lies, and what the files' troubles are, which name them.
  public init(_ info: GalleryInfo, withPaths: Bool = false) {
    folder = withPaths ? Gallery.place(of: info.url) : nil
    uuid = info.uuid
    created = info.created
    sequence = info.sequence
    people = info.people
    faces = info.faces
    unnamedFaces = info.unnamedFaces
    thumbnails = info.thumbnails
    dimension = info.dimension
    engine = info.fingerprint
    schemaVersion = info.schemaVersion
    databaseBytes = info.databaseBytes
    freeBytes = info.freeBytes
    index = Index(
      ready: info.index.isReady, faces: info.index.count, tail: info.tail, m: info.index.M,
      efConstruction: info.index.efConstruction, memoryBytes: info.index.memoryBytes,
      queries: info.index.planCounts, failures: info.index.failures,
      problem: withPaths ? info.index.problem : nil)
    snapshot = Snapshot(
      state: info.snapshot.state, sequence: info.snapshot.sequence, bytes: info.snapshot.bytes,
      problem: withPaths ? info.snapshot.problem : nil)
    removals = info.removals.map(KeptRemovalRecord.init)
    database = withPaths ? info.server.map(Database.init) : nil
    copy = withPaths ? info.replication.map(Copy.init) : nil
  }
}

/// A gallery as a server shows it to a key, in JSON.
public struct ServedGalleryRecord: Encodable, Sendable {
  /// What is in it.
  public let gallery: GalleryRecord
  /// Its name on the server.
  public let name: String
  /// What the key may do.
  public let role: String
  /// Whether a thumbnail of each face that is added is kept.
  public let keepsThumbnails: Bool

  /// The record of a gallery, without paths of the server.
  public init(_ gallery: GalleryRecord, name: String, role: String, keepsThumbnails: Bool) {
    (self.gallery, self.name, self.role, self.keepsThumbnails) = (gallery, name, role, keepsThumbnails)
  }

  private enum Key: CodingKey { case name, role, keepsThumbnails }

  /// What is in it stands beside the name.
  public func encode(to encoder: any Encoder) throws {
    try gallery.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(name, forKey: .name)
    try object.encode(role, forKey: .role)
    try object.encode(keepsThumbnails, forKey: .keepsThumbnails)
  }
}
