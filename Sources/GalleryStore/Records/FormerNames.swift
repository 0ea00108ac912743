internal import Support

/// Names that people had before they were renamed, or became one with somebody else: folders of photos may still be called so.
package struct FormerNames: Codable, Hashable, Sendable {
  /// Whose a name was, by the digest of its key. Somebody else may have the name by now.
  private var people: [String: UInt64] = [:]

  /// Nobody has had another name.
  package init() {}

  /// Whether nobody has had another name.
  package var isEmpty: Bool { people.isEmpty }

  /// Whose a name was; nil when it was nobody's who is there.
  package func person(_ key: NameKey) -> PersonID? { people[Self.digest(key)].map(PersonID.init(rawValue:)) }

  /// Notes that a person has not got this name any more.
  package mutating func note(_ name: String, of person: PersonID) {
    people[Self.digest(NameKey(of: name))] = person.rawValue
  }

  /// The digests of the keys of names that a person had.
  package func digests(of person: PersonID) -> [String] {
    people.filter { $0.value == person.rawValue }.keys.sorted()
  }

  /// Notes that a person had names with keys of these digests, unless they are noted as somebody's.
  package mutating func note(digests: [String], of person: PersonID) {
    for digest in digests where people[digest] == nil { people[digest] = person.rawValue }
  }

  /// Makes all names that were one person's another's, who the person has become.
  package mutating func merge(_ source: PersonID, into target: PersonID) {
    people = people.mapValues { $0 == source.rawValue ? target.rawValue : $0 }
  }

  /// Forgets the names of a person who is removed.
  package mutating func forget(_ person: PersonID) { people = people.filter { $0.value != person.rawValue } }

  /// The digest of a name's key.
  package static func digest(_ key: NameKey) -> String { SHA256.hexadecimal(of: key.bytes) }
}
