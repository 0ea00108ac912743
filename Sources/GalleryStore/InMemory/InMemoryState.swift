internal import FaceEngine

/// All that an ``InMemoryStore`` holds, as of one moment.
struct InMemoryState: Sendable {
  struct Face: Sendable {
    var record: StoredFace
    var vector: [UInt8]
    var thumbnail: [UInt8]?
  }

  /// How many commits led here.
  var number = 0
  var counters = Counters()
  var fingerprint: EngineFingerprint?
  var operatingPoint: OperatingPoint?
  var engine: EngineSpecification?
  var people: [PersonID: StoredPerson] = [:]
  var names: [String: PersonID] = [:]
  var faces = NumberedTable<Face>()
  var tags: [TagOwner: [String: String]] = [:]
  var groups: [FaceID: UInt64] = [:]
  var removals: [UInt64: Removal] = [:]
  var removedPeople: [PersonID: RemovedPerson] = [:]
  var removedFaces: [FaceID: RemovedFace] = [:]
  var formerNames = FormerNames()
  /// The changes after `counters.trimmed`.
  var log: [Change] = []

  /// The faces for which something holds, older ones first.
  func faces(where holds: (StoredFace) -> Bool) -> [FaceID] {
    faces.entries.compactMap { holds($0.value.record) ? FaceID(rawValue: $0.number) : nil }
  }

  /// What does not fit together.
  func check() -> HealthReport {
    var report = HealthReport()
    (report.people, report.faces, report.changes) = (people.count, faces.count, log.count)
    report.thumbnails = faces.entries.count { $0.value.thumbnail != nil }
    func note(_ part: HealthReport.Part, _ message: String) {
      report.findings.append(
        .init(part: part, message: message, remedy: .restore))
    }
    if people.contains(where: { names[$1.name] != $0 }) || names.count != people.count {
      note(.names, "a person is not found by name")
    }
    for (number, face) in faces.entries {
      if face.record.person != .unnamed, people[face.record.person] == nil {
        note(.faces, "face \(number) is of person \(face.record.person), who is missing")
      }
      if face.vector.count != 4 * (fingerprint?.dimension ?? 0) {
        note(.vectors, "the vector of face \(number) has \(face.vector.count / 4) components")
      }
    }
    if counters.sequence != counters.trimmed + UInt64(log.count) {
      note(.log, "the change log does not end with the last change")
    }
    return report
  }
}

/// Values by rising numbers.
struct NumberedTable<Value: Sendable>: Sendable {
  private(set) var entries: [(number: UInt64, value: Value)] = []

  var count: Int { entries.count }

  subscript(number: UInt64) -> Value? {
    get {
      let place = place(of: number)
      return place < entries.count && entries[place].number == number ? entries[place].value : nil
    }
    set {
      let place = place(of: number)
      let isThere = place < entries.count && entries[place].number == number
      switch (isThere, newValue) {
      case (true, let value?): entries[place].value = value
      case (true, nil): entries.remove(at: place)
      case (false, let value?): entries.insert((number, value), at: place)
      case (false, nil): break
      }
    }
  }

  /// The place of the first entry whose number is not below.
  func place(of number: UInt64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
