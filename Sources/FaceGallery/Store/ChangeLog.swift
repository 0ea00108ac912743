/// Collects the changes of one write transaction and gives out numbers.
struct ChangeLog {
  private(set) var counters: Counters
  private(set) var changes: [Change] = []
  private let tag: UInt64

  init(counters: Counters, tag: UInt64) {
    self.counters = counters
    self.tag = tag
  }

  /// Whether anything was done that has to be written.
  private(set) var isEmpty = true

  mutating func newPerson() -> PersonID {
    isEmpty = false
    counters.lastPerson += 1
    return PersonID(rawValue: counters.lastPerson)
  }

  mutating func newFace() -> FaceID {
    isEmpty = false
    counters.lastFace += 1
    return FaceID(rawValue: counters.lastFace)
  }

  /// Notes a change; `face` is 0 for changes of a person only.
  mutating func note(_ kind: Change.Kind, face: FaceID = FaceID(rawValue: 0), person: PersonID) {
    isEmpty = false
    counters.sequence += 1
    counters.tag = tag
    changes.append(Change(kind: kind, face: face, person: person, tag: tag))
  }

  /// Raises the numbers given out to at least these.
  mutating func raise(person: UInt64, face: UInt64) {
    isEmpty = false
    counters.lastPerson = max(counters.lastPerson, person)
    counters.lastFace = max(counters.lastFace, face)
  }

  /// Begins the log anew after everything that happened: every index made before is out of reach.
  ///
  /// Its first change says nothing but where it begins: an index that is made before the next one is known by it.
  mutating func restart() {
    isEmpty = false
    counters.sequence += 1
    counters.tag = tag
    counters.trimmed = counters.sequence
    changes = []
    note(.renamed, person: PersonID(rawValue: 0))
  }

  /// Notes that the log was cut off behind a change.
  mutating func trim(through sequence: UInt64) {
    isEmpty = false
    counters.trimmed = sequence
  }
}
