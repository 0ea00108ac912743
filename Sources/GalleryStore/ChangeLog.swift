/// Collects the changes of one write transaction and gives out numbers.
final class ChangeLog {
  private(set) var counters: Counters
  private(set) var changes: [Change] = []
  private let tag: UInt64
  /// Whether there is nothing to be written.
  private(set) var isEmpty = true
  /// Those of the last commit.
  let before: Counters
  /// What the audit log says of the transaction; nil when nothing was changed that it tells of.
  var auditNote: AuditNote?
  /// Faces of which something was changed that no entry of the log tells of.
  private(set) var changedFaces: Set<FaceID> = []
  /// People who were removed and are back, under their old numbers.
  private(set) var returned: Set<PersonID> = []
  /// Whether something was forgotten for good that removals kept.
  private(set) var hasPurged = false

  init(counters: Counters, tag: UInt64) {
    self.counters = counters
    before = counters
    self.tag = tag
  }

  /// Notes that something was changed that no entry of the log tells of.
  func touch() { auditNote = auditNote ?? .change }

  /// Notes that something of a face was changed that no entry of the log tells of.
  func touch(face: FaceID) {
    touch()
    changedFaces.insert(face)
  }

  /// Notes that a person who was removed is back.
  func noteReturn(of person: PersonID) {
    returned.insert(person)
    note(.renamed, person: person)
  }

  /// Notes that something was forgotten for good that removals kept.
  func purge() {
    touch()
    hasPurged = true
  }

  func newPerson() -> PersonID {
    isEmpty = false
    touch()
    counters.lastPerson += 1
    return PersonID(rawValue: counters.lastPerson)
  }

  func newFace() -> FaceID {
    isEmpty = false
    touch()
    counters.lastFace += 1
    return FaceID(rawValue: counters.lastFace)
  }

  /// Notes a change; `face` is 0 for changes of a person only.
  func note(_ kind: Change.Kind, face: FaceID = FaceID(rawValue: 0), person: PersonID) {
    isEmpty = false
    touch()
    counters.sequence += 1
    counters.tag = tag
    changes.append(Change(kind: kind, face: face, person: person, tag: tag))
  }

  /// Raises the numbers given out to at least these.
  func raise(person: UInt64, face: UInt64) {
    isEmpty = false
    touch()
    counters.lastPerson = max(counters.lastPerson, person)
    counters.lastFace = max(counters.lastFace, face)
  }

  /// Begins the log anew after everything that happened: every index made before is out of reach.
  ///
  /// Its first change says nothing but where it begins: an index that is made before the next one is known by it.
  func restart() {
    isEmpty = false
    touch()
    counters.sequence += 1
    counters.tag = tag
    counters.trimmed = counters.sequence
    changes = []
    note(.renamed, person: PersonID(rawValue: 0))
  }

  /// Notes that the log was cut off behind a change.
  func trim(through sequence: UInt64) {
    isEmpty = false
    counters.trimmed = sequence
  }

  /// The changes with their numbers, as they go into the log.
  var numbered: [(sequence: UInt64, change: Change)] {
    let first = counters.sequence + 1 - UInt64(changes.count)
    return changes.enumerated().map { (first + UInt64($0.offset), $0.element) }
  }
}
