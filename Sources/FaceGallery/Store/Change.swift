/// One entry of the change log, `changes`; docs/gallery-format.md has the bytes.
struct Change: Hashable {
  /// What happened.
  enum Kind: UInt8 {
    /// The face was added to the person.
    case added = 1
    /// The face was removed from the person.
    case removed = 2
    /// The face went to the person from another one.
    case moved = 3
    /// The person got another name; there is no face.
    case renamed = 4
    /// The person, who had no face, was removed; there is no face.
    case personRemoved = 5
  }

  let kind: Kind
  let face: FaceID
  let person: PersonID
  /// Random, the same for all changes of one commit: histories that parted after a restored backup are told
  /// apart by it.
  let tag: UInt64

  init(kind: Kind, face: FaceID, person: PersonID, tag: UInt64) {
    self.kind = kind
    self.face = face
    self.person = person
    self.tag = tag
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(kind.rawValue)
    writer.integer(face.rawValue)
    writer.integer(person.rawValue)
    writer.integer(tag)
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    guard let kind = Kind(rawValue: try reader.integer()) else { throw ByteReader.Malformed() }
    self.kind = kind
    face = FaceID(rawValue: try reader.integer())
    person = PersonID(rawValue: try reader.integer())
    tag = try reader.integer()
  }
}
