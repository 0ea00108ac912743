internal import LMDB

/// How far `personsByKey` is in step: programs of formats before 1.5 change the people and leave it as it is.
struct NameKeysMark: Equatable {
  /// The last change, and the greatest number given to a person, when it was in step.
  let sequence: UInt64
  let lastPerson: UInt64

  init(_ counters: Counters) { (sequence, lastPerson) = (counters.sequence, counters.lastPerson) }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(sequence)
    writer.integer(lastPerson)
    return writer.bytes
  }
}

extension LMDBReading where Self: ~Copyable {
  /// Whether `personsByKey` lists the people as they were after the last change.
  func hasNameKeys(of counters: Counters) throws -> Bool {
    try tables.personsByKey != nil
      && value(for: MetaKey.nameKeys, in: tables.meta) == NameKeysMark(counters).encoded
  }

  /// The table of keys; nil where it is not in step.
  private func nameKeys() throws -> Database<[UInt8], UInt64>? {
    try hasNameKeys(of: counters()) ? tables.personsByKey : nil
  }

  func people(withKey key: NameKey) throws -> [PersonID] {
    var people: [PersonID] = []
    if let table = try nameKeys() {
      return try withCursor(in: table) { cursor in
        guard try cursor.find(key.bytes) else { return people }
        repeat {
          let id = PersonID(rawValue: try cursor.value)
          // Keys have no checksums, but records do.
          guard let name = try personRecord(id)?.name, NameKey(of: name) == key else {
            throw GalleryError.damaged("the key of a name leads to person \(id), who has another")
          }
          people.append(id)
        } while try cursor.nextDuplicate()
        return people
      }
    }
    try forEachPerson(after: nil) { name, id in
      if NameKey(of: name) == key { people.append(id) }
      return true
    }
    return people.sorted()
  }

  func namesakes() throws -> [[PersonID]] {
    var groups: [[PersonID]] = []
    if let table = try nameKeys() {
      try withCursor(in: table) { cursor in
        var isThere = try cursor.next()
        while isThere {
          var group: [PersonID] = []
          if try cursor.duplicateCount() > 1 {
            repeat { group.append(PersonID(rawValue: try cursor.value)) } while try cursor.nextDuplicate()
            groups.append(group)
          }
          isThere = try cursor.nextKey()
        }
      }
    } else {
      var people: [NameKey: [PersonID]] = [:]
      try forEachPerson(after: nil) { name, id in
        people[NameKey(of: name), default: []].append(id)
        return true
      }
      groups = people.values.filter { $0.count > 1 }.map { $0.sorted() }
    }
    return groups.sorted { $0[0] < $1[0] }
  }
}

extension LMDBWriter {
  func list(_ name: String, of person: PersonID) throws {
    if let table = tables.personsByKey { try put(person.rawValue, for: NameKey(of: name).bytes, in: table) }
  }

  func unlist(_ name: String, of person: PersonID) throws {
    if let table = tables.personsByKey {
      try remove(person.rawValue, of: NameKey(of: name).bytes, from: table)
    }
  }

  /// Brings `personsByKey` in step with the people where another program has left it behind.
  func catchUpNameKeys() throws {
    if try !hasNameKeys(of: log.counters) { try listNames() }
  }

  /// Makes `personsByKey` anew.
  func listNames() throws {
    guard let table = tables.personsByKey else { return }
    try removeAll(from: table)
    var next: UInt64 = 0
    while true {
      var seen = 0
      var names: [(number: UInt64, name: String)] = []
      try scan(tables.persons, from: next) { number, bytes in
        (seen, next) = (seen + 1, number + 1)
        // A record that cannot be read is found by nothing; a check says so.
        let person = try? EncodedPerson(decoding: bytes.withUnsafeBytes { Array($0) })
        if let person { names.append((number, person.record.name)) }
        return seen < Self.batch
      }
      for (number, name) in names { try put(number, for: NameKey(of: name).bytes, in: table) }
      if seen < Self.batch { break }
    }
    try noteNameKeys()
  }

  /// Notes that `personsByKey` is in step with what this writer has made.
  func noteNameKeys() throws {
    try put(NameKeysMark(log.counters).encoded, for: MetaKey.nameKeys, in: tables.meta)
  }
}
