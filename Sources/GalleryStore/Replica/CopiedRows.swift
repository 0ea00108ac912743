/// A face with all that a store holds about it, as it goes from one store to another.
package struct CopiedFace: Hashable, Sendable {
  package let id: FaceID
  package let record: StoredFace
  package let vector: [UInt8]
  package let thumbnail: [UInt8]?
  package let tags: [String: String]
  package let group: UInt64?
}

/// A person likewise.
package struct CopiedPerson: Hashable, Sendable {
  package let id: PersonID
  package let record: StoredPerson
  package let tags: [String: String]
}

extension StoreSnapshot where Self: ~Copyable {
  package func copiedFaces(after face: UInt64, limit: Int) throws -> [CopiedFace] {
    guard limit > 0, face < .max else { return [] }
    var vectors: [(face: FaceID, bytes: [UInt8])] = []
    try forEachVector(from: face + 1) { number, bytes in
      vectors.append((FaceID(rawValue: number), Array(bytes)))
      return vectors.count < limit
    }
    var owners: [FaceID: UInt64] = [:]
    for (group, faces) in try groups() {
      for face in faces { owners[face] = group }
    }
    var faces: [CopiedFace] = []
    for (id, bytes) in vectors {
      faces.append(
        CopiedFace(
          id: id, record: try storedRecord(id), vector: bytes, thumbnail: try thumbnail(of: id),
          tags: try tags(of: .face(id)), group: owners[id]))
    }
    return faces
  }

  package func copiedPeople(after person: UInt64, limit: Int) throws -> [CopiedPerson] {
    var people: [PersonID] = []
    try forEachPerson(after: nil) { _, id in
      if id.rawValue > person { people.append(id) }
      return true
    }
    return try people.sorted().prefix(max(limit, 0)).compactMap { id in
      try personRecord(id).map { CopiedPerson(id: id, record: $0, tags: try tags(of: .person(id))) }
    }
  }
}
