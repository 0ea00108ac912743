public import FaceGallery
public import Foundation

/// A person, in JSON.
public struct PersonRecord: Encodable, Sendable {
  /// The person's number.
  public let id: UInt64
  /// The person's name.
  public let name: String
  /// How many faces of the person the gallery holds.
  public let faces: Int
  /// When the person was first added.
  public let created: Date
  /// The number of the face that was chosen to stand for the person; absent when none was.
  public let picture: UInt64?

  /// The record of a person.
  public init(_ person: Person) {
    picture = person.picture?.rawValue
    id = person.id.rawValue
    name = person.name
    faces = person.faceCount
    created = person.created
  }
}

/// An enrolled face, in JSON.
public struct FaceRecord: Encodable, Sendable {
  /// The face's number.
  public let id: UInt64
  /// The number of its person; absent for a face without a name.
  public let person: UInt64?
  /// When it was added.
  public let added: Date
  /// Where in its photo it is; absent for an embedding that was added without a photo.
  public let detection: DetectedFace?
  /// Where the photo was when it was added; a server leaves it out.
  public let photo: String?
  /// The photo's digest in hexadecimal, see `PhotoDigest`.
  public let photoSHA256: String?
  /// Where a server has its picture; absent when none is kept.
  public let thumbnail: String?

  private enum CodingKeys: String, CodingKey {
    case id, person, added, detection, photo, thumbnail
    case photoSHA256 = "photo_sha256"
  }

  /// The record of a face.
  ///
  /// - Parameters:
  ///   - face: The face.
  ///   - withPath: Whether the reader may know where photos lie.
  ///   - thumbnail: Where a server has its picture.
  public init(_ face: EnrolledFace, withPath: Bool = false, thumbnail: String? = nil) {
    self.thumbnail = thumbnail
    id = face.id.rawValue
    person = face.person == .unnamed ? nil : face.person.rawValue
    added = face.added
    detection = face.detection
    photo = withPath ? face.path : nil
    photoSHA256 = face.photo?.description
  }
}

/// A person with everything that the gallery holds of them, in JSON.
public struct PersonDetailRecord: Encodable, Sendable {
  /// The person.
  public let person: PersonRecord
  /// A value for each key, empty for a plain tag.
  public let tags: [String: String]
  /// The person's faces, older ones first.
  public let faces: [FaceRecord]

  /// The record of a person.
  public init(_ person: Person, tags: [String: String], faces: [FaceRecord]) {
    (self.person, self.tags, self.faces) = (PersonRecord(person), tags, faces)
  }
}

/// A page of a gallery's people, in JSON.
public struct PeopleRecord: Encodable, Sendable {
  /// How many people there are on all pages.
  public let total: Int
  /// Those of this page.
  public let people: [PersonRecord]
  /// What names the page behind: the last name of this one; absent on the last one.
  public let next: String?

  /// The record of a page.
  public init(total: Int, people: some Collection<Person>, next: String? = nil) {
    (self.total, self.people, self.next) = (total, people.map(PersonRecord.init), next)
  }
}

/// A page of the faces of somebody, in JSON.
public struct FacesRecord: Encodable, Sendable {
  /// How many faces there are on all pages.
  public let total: Int
  /// Those of this page, older ones first.
  public let faces: [FaceRecord]
  /// What names the page behind: the last face of this one; absent on the last one.
  public let next: UInt64?

  /// The record of a page.
  public init(total: Int, faces: [FaceRecord], next: UInt64?) {
    (self.total, self.faces, self.next) = (total, faces, next)
  }
}

/// A page of the changes of a gallery, in JSON.
public struct ChangesRecord: Encodable, Sendable {
  /// A change, in JSON.
  public struct Change: Encodable, Sendable {
    /// Its number.
    public let sequence: UInt64
    /// What happened, a word of ``GalleryChange/Kind``.
    public let kind: String
    /// The number of the face; absent for what happened to a person.
    public let face: UInt64?
    /// The number of the person; absent for a face without a name.
    public let person: UInt64?
  }

  /// The changes, in their order.
  public let changes: [Change]
  /// The last change that was looked at: `after` of the next page, now or when there are others.
  public let last: UInt64
  /// The same, when others follow already.
  public let next: UInt64?

  /// The record of a page.
  public init(_ page: ChangePage) {
    changes = page.changes.map {
      Change(
        sequence: $0.sequence, kind: $0.kind.rawValue, face: $0.face?.rawValue,
        person: $0.person == .unnamed ? nil : $0.person?.rawValue)
    }
    (last, next) = (page.last, page.hasMore ? page.last : nil)
  }
}

/// The numbers of faces, in JSON.
public struct FaceNumbersRecord: Encodable, Sendable {
  /// The numbers.
  public let faces: [UInt64]

  /// The record of these faces.
  public init(_ faces: [FaceID]) { self.faces = faces.map(\.rawValue) }
}

/// Who and what is back after a removal, in JSON.
public struct UndoRecord: Encodable, Sendable {
  /// How many people are back.
  public let people: Int
  /// How many faces are back.
  public let faces: Int
  /// How many faces were added again since, and stay whose they are.
  public let skipped: Int

  /// The record of so many.
  public init(people: Int, faces: Int, skipped: Int) {
    self.people = people
    self.faces = faces
    self.skipped = skipped
  }
}

/// What somebody is tagged with, in JSON.
public struct TagsRecord: Encodable, Sendable {
  /// A value for each key, empty for a plain tag.
  public let tags: [String: String]

  /// The record of these tags.
  public init(_ tags: [String: String]) { self.tags = tags }
}
