import FaceEngine
import FaceGallery
import Foundation

/// The state of a gallery as `--json` shows it.
struct GalleryRecord: Encodable {
  struct Snapshot: Encodable {
    let state: GalleryInfo.SnapshotState
    let sequence: UInt64?
    let bytes: Int?
    let problem: String?
  }

  struct Index: Encodable {
    let ready: Bool
    let count: Int
    let M: Int
    let efConstruction: Int
    let memoryBytes: Int
    let planCounts: [String: Int]
  }

  let folder: String
  let uuid: UUID
  let schemaVersion: Int
  let created: Date
  let sequence: UInt64
  let people: Int
  let faces: Int
  let unnamedFaces: Int
  let thumbnails: Int
  let dimension: Int?
  let fingerprint: EngineFingerprint?
  let databaseBytes: Int
  let freeBytes: Int
  let tail: Int
  let snapshot: Snapshot
  let index: Index
  let removals: [RemovalCopy]

  init(_ info: GalleryInfo) {
    folder = info.url.path(percentEncoded: false)
    uuid = info.uuid
    schemaVersion = info.schemaVersion
    created = info.created
    sequence = info.sequence
    people = info.people
    faces = info.faces
    unnamedFaces = info.unnamedFaces
    thumbnails = info.thumbnails
    dimension = info.dimension
    fingerprint = info.fingerprint
    databaseBytes = info.databaseBytes
    freeBytes = info.freeBytes
    tail = info.tail
    snapshot = Snapshot(
      state: info.snapshot.state, sequence: info.snapshot.sequence, bytes: info.snapshot.bytes,
      problem: info.snapshot.problem)
    index = Index(
      ready: info.index.isReady, count: info.index.count, M: info.index.M,
      efConstruction: info.index.efConstruction, memoryBytes: info.index.memoryBytes,
      planCounts: info.index.planCounts)
    removals = info.removals
  }
}
