internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// What is known of people and faces that are being removed, by which they are found in copies of earlier states of their gallery,
/// where they may have other numbers: who was removed with everybody and added again is somebody new.
struct RemovalTrace: Codable {
  struct Person: Codable {
    let id: PersonID
    let name: String
  }

  struct Face: Codable {
    let id: FaceID
    var photo: PhotoDigest?
    var box: PixelRect?
    /// Of somebody's face without a photo: what its vector is known by. Nobody's face tells nothing of who has the same one.
    var vector: Data?
  }

  var people: [Person] = []
  var faces: [Face] = []
  /// Tells it from all others, also of the same people.
  var number = UUID()
}

extension StoreSnapshot where Self: ~Copyable {
  /// What is known of people, with all their faces, and of faces; those who are not there are left out.
  func trace(people: [PersonID] = [], faces: [FaceID] = []) throws -> RemovalTrace {
    var trace = RemovalTrace()
    for id in people {
      guard let record = try personRecord(id) else { continue }
      trace.people.append(RemovalTrace.Person(id: id, name: record.name))
      trace.faces += try faceRecords(of: id).map { try face($0.id, $0.record) }
    }
    for id in faces {
      if let record = try faceRecord(id) { trace.faces.append(try face(id, record)) }
    }
    return trace
  }

  private func face(_ id: FaceID, _ record: StoredFace) throws -> RemovalTrace.Face {
    RemovalTrace.Face(
      id: id, photo: record.photo, box: record.detection?.box,
      vector: record.photo == nil && record.person != .unnamed ? try vectorMark(of: id) : nil)
  }

  /// By what the vector of a face is known again: the beginning of its SHA-256.
  private func vectorMark(of face: FaceID) throws -> Data? {
    var mark: Data?
    _ = try withVector(of: face.rawValue) { mark = Data(SHA256.digest(of: $0).prefix(16)) }
    return mark
  }

  /// The faces that are those of a trace: of their numbers, of the same places in the same photos or, without a photo, of the same vectors,
  /// whatever they are called.
  ///
  /// - Complexity: O(*n*) for *n* faces when some of the trace have no photo.
  fileprivate func same(as trace: RemovalTrace) throws -> Set<FaceID> {
    var found = Set(try trace.faces.map(\.id).filter { try contains($0) })
    for face in trace.faces {
      guard let photo = face.photo else { continue }
      found.formUnion(try faces(in: photo).filter { try storedRecord($0).isSameFace(at: face.box) })
    }
    // Older versions wrote down the vector itself.
    let vectors = Set(
      trace.faces.compactMap(\.vector).map { $0.count == 16 ? $0 : Data(SHA256.digest(of: $0).prefix(16)) })
    if vectors.isEmpty { return found }
    try forEachFace { id, record in
      if record.photo == nil, let mark = try vectorMark(of: id), vectors.contains(mark) { found.insert(id) }
      return true
    }
    return found
  }
}

extension StoreWriter where Self: ~Copyable {
  /// Removes whoever and whatever is known to be the same.
  func remove(_ trace: RemovalTrace) throws {
    for person in trace.people {
      let name = PersonName(stored: person.name)
      let isThere = try contains(person.id)
      if isThere { _ = try remove(person.id) }
      // Beside the person somebody else may have a name that is only written differently.
      if let namesake = try isThere ? self.person(exactly: name) : self.person(named: name) {
        _ = try remove(namesake)
      }
    }
    for face in try same(as: trace).sorted() { try remove(face) }
  }
}
