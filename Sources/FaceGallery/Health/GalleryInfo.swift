public import FaceEngine
public import Foundation
public import GalleryStore

/// What is in a gallery and how its index stands.
public struct GalleryInfo: Sendable, Hashable {
  /// Whether the snapshot of the index on disk can be used.
  public enum SnapshotState: String, Sendable, Hashable, Codable, CaseIterable {
    /// It holds every change.
    case current
    /// It holds every change up to one that the change log still reaches back to.
    case behind
    /// There is none.
    case missing
    /// It belongs to another gallery or another engine.
    case foreign
    /// It is damaged, or of a format that is not read here.
    case damaged
    /// The file's permissions do not let this user read it.
    case unreadable
    /// It holds changes that the store does not: the store was replaced by an older copy.
    case tooNew
    /// The change log no longer reaches back to it.
    case tooOld
  }

  /// The snapshot on disk.
  public struct Snapshot: Sendable, Hashable {
    /// Whether it can be used.
    public let state: SnapshotState
    /// The last change that it holds; nil when it cannot be read.
    public let sequence: UInt64?
    /// Its size; nil when there is none.
    public let bytes: Int?
    /// Why it cannot be used; nil when it can.
    public let problem: String?
  }

  /// The index in memory.
  public struct Index: Sendable, Hashable {
    /// Whether the graph answers; false while it is rebuilt: then every query compares all embeddings.
    public let isReady: Bool
    /// Embeddings in it.
    public let count: Int
    /// Links a node.
    public let M: Int
    /// Width of the search at insertion.
    public let efConstruction: Int
    /// Bytes of memory.
    public let memoryBytes: Int
    /// Queries answered by this process, by the way they went.
    public let planCounts: [String: Int]
    /// How often this process could not bring it up to date or save it in the background; queries are right all the same.
    public let failures: Int
    /// What went wrong the last time; nil when nothing did, or all went well since.
    public let problem: String?
  }

  /// The gallery's folder, or the address of the server that keeps it.
  public let url: URL
  /// The gallery's identity.
  public let uuid: UUID
  /// Version of the store's format.
  public let schemaVersion: Int
  /// When the gallery was made.
  public let created: Date
  /// Number of the last committed change.
  public let sequence: UInt64
  /// The oldest change that the log still holds; nil when it is empty.
  public let firstLoggedChange: UInt64?
  /// People.
  public let people: Int
  /// Faces, with and without a name.
  public let faces: Int
  /// Faces without a name.
  public let unnamedFaces: Int
  /// Faces of which a thumbnail is kept.
  public let thumbnails: Int
  /// Components of an embedding; nil before the first face.
  public let dimension: Int?
  /// The engine whose embeddings the gallery holds; nil before the first face.
  public let fingerprint: EngineFingerprint?
  /// Bytes of the database file.
  public let databaseBytes: Int
  /// Bytes of it that nothing uses: what a compaction would give back, about.
  public let freeBytes: Int
  /// What keeps it, where that is a server; nil for a gallery in a folder.
  public let server: ServerFacts?
  /// How it follows a gallery in PostgreSQL of which it is a copy; nil for a gallery of its own.
  public let replication: ReplicaStatus?
  /// Changes that the index in memory does not hold yet: what queries compare one by one.
  public let tail: Int
  /// The snapshot on disk.
  public let snapshot: Snapshot
  /// The index in memory.
  public let index: Index
  /// The removals that can be undone, older ones first.
  public let removals: [Removal]
}
