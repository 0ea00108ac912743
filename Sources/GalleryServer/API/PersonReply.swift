internal import FaceGallery
internal import Foundation

/// A person in JSON.
struct PersonReply: Encodable {
  let id: UInt64
  let name: String
  let faces: Int
  let created: String

  init(_ person: Person) {
    id = person.id.rawValue
    name = person.name
    faces = person.faceCount
    created = person.created.ISO8601Format()
  }
}

/// An enrolled face in JSON.
struct FaceReply: Encodable {
  let id: UInt64
  let person: UInt64
  let added: String
  let detection: DetectionRecord?
  let photo: String?

  init(_ face: EnrolledFace) {
    id = face.id.rawValue
    person = face.person.rawValue
    added = face.added.ISO8601Format()
    detection = face.detection.map(DetectionRecord.init)
    photo = face.photo?.description
  }
}
