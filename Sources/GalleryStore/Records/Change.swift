/// One entry of the change log.
package struct Change: Hashable, Sendable {
  /// What happened.
  package enum Kind: UInt8, Sendable {
    /// The face was added to the person.
    case added = 1
    /// The face was removed from the person.
    case removed = 2
    /// The face went to the person from another one.
    case moved = 3
    /// Something was changed that no index is made of: the person's name, or what the person or one of the faces is tagged
    /// with; or the log begins here. There is no face.
    case renamed = 4
    /// The person, who had no face, was removed; there is no face.
    case personRemoved = 5
  }

  package let kind: Kind
  package let face: FaceID
  package let person: PersonID
  /// Random, the same for all changes of one commit: histories that parted after a restored backup are told
  /// apart by it.
  package let tag: UInt64

  package init(kind: Kind, face: FaceID, person: PersonID, tag: UInt64) {
    self.kind = kind
    self.face = face
    self.person = person
    self.tag = tag
  }
}

/// The numbers that every change moves.
package struct Counters: Hashable, Sendable {
  /// Number of the last committed change.
  package var sequence: UInt64 = 0
  /// The ``Change/tag`` of that change.
  package var tag: UInt64 = 0
  /// The greatest number that a person was given.
  package var lastPerson: UInt64 = 0
  /// The greatest number that a face was given.
  package var lastFace: UInt64 = 0
  /// Changes up to this one have been taken from the log.
  package var trimmed: UInt64 = 0

  package init() {}
}
