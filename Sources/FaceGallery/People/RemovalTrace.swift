internal import FaceEngine
internal import Foundation
internal import GalleryStore

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
    /// The name and the vector of a face without a photo.
    var name: String?
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
      trace.faces += try faceRecords(of: id).map { RemovalTrace.Face(id: $0.id, $0.record) }
    }
    for id in faces {
      guard let record = try faceRecord(id) else { continue }
      var face = RemovalTrace.Face(id: id, record)
      if record.photo == nil {
        face.name = try personRecord(record.person)?.name
        face.vector = try vectorBytes(of: id)
      }
      trace.faces.append(face)
    }
    return trace
  }

  fileprivate func vectorBytes(of face: FaceID) throws -> Data? {
    var bytes: Data?
    _ = try withVector(of: face.rawValue) { bytes = Data($0) }
    return bytes
  }

  /// The faces that are this one: of its number, of the same place in the same photo or, without a photo, of the same vector
  /// and name.
  fileprivate func same(as face: RemovalTrace.Face) throws -> [FaceID] {
    var found = try contains(face.id) ? [face.id] : []
    if let photo = face.photo {
      found += try faces(in: photo).filter {
        try $0 != face.id && storedRecord($0).isSameFace(at: face.box)
      }
    } else if let name = face.name, let person = try person(named: PersonName(stored: name)) {
      found += try faces(of: person).filter {
        try $0 != face.id && vectorBytes(of: $0) == face.vector
      }
    }
    return found
  }
}

extension RemovalTrace.Face {
  fileprivate init(id: FaceID, _ record: StoredFace) {
    self.init(id: id, photo: record.photo, box: record.detection?.box)
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
    for face in trace.faces {
      for same in try same(as: face) { try remove(same) }
    }
  }
}
