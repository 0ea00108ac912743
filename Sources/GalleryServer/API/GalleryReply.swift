internal import FaceGallery
internal import Foundation

/// What is in a gallery and how its index stands, in JSON. Paths of the server are left out.
struct GalleryReply: Encodable {
  let name: String
  let role: Role
  let keepsPhotos: Bool
  let uuid: String
  let created: String
  let people: Int
  let faces: Int
  let pictures: Int
  let dimension: Int?
  let engine: String?
  let sequence: UInt64
  let databaseBytes: Int
  let freeBytes: Int
  let index: Index
  let removals: [Removal]

  /// A copy that is kept of the gallery before everybody was removed, in JSON.
  struct Removal: Encodable {
    let name: String
    let removed: String
    let expires: String
    let people: Int
    let faces: Int
  }

  /// The index in JSON.
  struct Index: Encodable {
    let ready: Bool
    let faces: Int
    let tail: Int
    let memoryBytes: Int
    let links: Int
    let buildWidth: Int
    let snapshot: String
    let snapshotBytes: Int?
    let queries: [String: Int]

    enum CodingKeys: String, CodingKey {
      case ready, faces, tail, links, snapshot, queries
      case memoryBytes = "memory_bytes"
      case buildWidth = "build_width"
      case snapshotBytes = "snapshot_bytes"
    }
  }

  enum CodingKeys: String, CodingKey {
    case name, role, uuid, created, people, faces, pictures, dimension, engine, sequence, index, removals
    case keepsPhotos = "keeps_photos"
    case databaseBytes = "database_bytes"
    case freeBytes = "free_bytes"
  }

  init(name: String, role: Role, keepsPhotos: Bool, info: GalleryInfo) {
    self.name = name
    self.role = role
    self.keepsPhotos = keepsPhotos
    uuid = info.uuid.uuidString
    created = info.created.ISO8601Format()
    people = info.people
    faces = info.faces
    pictures = info.thumbnails
    dimension = info.dimension
    engine = info.fingerprint?.description
    sequence = info.sequence
    databaseBytes = info.databaseBytes
    freeBytes = info.freeBytes
    removals = info.removals.map {
      Removal(
        name: $0.name, removed: $0.removed.ISO8601Format(), expires: $0.expires.ISO8601Format(),
        people: $0.people, faces: $0.faces)
    }
    index = Index(
      ready: info.index.isReady, faces: info.index.count, tail: info.tail,
      memoryBytes: info.index.memoryBytes,
      links: info.index.M, buildWidth: info.index.efConstruction, snapshot: info.snapshot.state.rawValue,
      snapshotBytes: info.snapshot.bytes, queries: info.index.planCounts)
  }
}
