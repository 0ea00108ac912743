public import Foundation
internal import Support

/// A line of a gallery's audit log: who changed what, and when.
///
/// People and faces have their numbers in it, which are never used again; names, tags, paths, pictures and embeddings are in none,
/// so that the log needs not be changed when somebody is removed.
public struct AuditEntry: Sendable, Hashable, Codable {
  /// What happened.
  public enum Event: String, Sendable, Hashable, Codable, CaseIterable {
    /// The log was switched on: changes are noted from here on.
    case on
    /// The log was switched off.
    case off
    /// The gallery was changed.
    case change
    /// The gallery was written anew without what was removed.
    case compaction
    /// A backup was put in the gallery's place.
    case restoration
    /// A key of a server was made.
    case keyAdded = "key-added"
    /// A key of a server was revoked.
    case keyRevoked = "key-revoked"
  }

  /// The number of the line, from 1.
  public let number: Int
  /// When it was written.
  public let time: Date
  /// Who did it.
  public let who: String
  /// By which command, route or program.
  public let by: String
  /// What happened.
  public let event: Event
  /// The number of the gallery's last change before.
  public let after: UInt64
  /// The number of the gallery's last change then: the line tells of those between.
  public let through: UInt64
  /// Faces that were added; nil for none, as for all counts.
  public var facesAdded: Int?
  /// Faces that were removed one by one.
  public var facesRemoved: Int?
  /// Faces that went to somebody else.
  public var facesMoved: Int?
  /// Faces that got other tags, another path or another group.
  public var facesChanged: Int?
  /// People who were added, or are back after a removal.
  public var peopleAdded: Int?
  /// People who were removed one by one.
  public var peopleRemoved: Int?
  /// People who got another name or other tags, or whose faces did.
  public var peopleChanged: Int?
  /// Whether much was changed at once, as when everybody is removed or all embeddings are made anew: then the totals tell how many.
  public var everything: Bool?
  /// Whether something was forgotten for good that removals kept for undo.
  public var purged: Bool?
  /// The numbers of these faces, as the first and last of each run.
  public var faces: [[UInt64]]?
  /// The numbers of these people, and of those whose faces they are, likewise.
  public var people: [[UInt64]]?
  /// Whether there are more runs of numbers than are listed.
  public var more: Bool?
  /// The name of the key.
  public var key: String?
  /// How many faces there were then.
  public let totalFaces: Int
  /// How many people there were then.
  public let totalPeople: Int
  /// The digest of the line before; of the first one, that of the UUID of the gallery in which the log began.
  public let previous: String
  /// The SHA-256 of the line without this.
  public internal(set) var sha256: String?

  /// At most so many runs of numbers are listed.
  static let mostRuns = 100

  init(
    number: Int, origin: AuditOrigin, event: Event, after: UInt64, through: UInt64, totalFaces: Int,
    totalPeople: Int, previous: String
  ) {
    (self.number, time, who, by) = (number, .storable, origin.who, origin.by)
    (self.event, self.after, self.through) = (event, after, through)
    (self.totalFaces, self.totalPeople, self.previous) = (totalFaces, totalPeople, previous)
  }

  /// Notes what changes did.
  mutating func note(_ log: ChangeLog) {
    let newPeople = log.before.lastPerson + 1..<log.counters.lastPerson + 1
    let added = Self.faces(.added, in: log.changes)
    let removed = Self.faces(.removed, in: log.changes)
    // Who comes or goes does so with tags and all.
    let changed = Set(log.changedFaces.map(\.rawValue)).subtracting(added).subtracting(removed)
    facesAdded = Self.count(added)
    facesRemoved = Self.count(removed)
    facesMoved = Self.count(Self.faces(.moved, in: log.changes))
    facesChanged = Self.count(changed)
    let returned = Set(log.returned.map(\.rawValue))
    peopleAdded = Self.count(returned.union(newPeople))
    peopleRemoved = Self.count(Self.people(.personRemoved, in: log.changes))
    peopleChanged = Self.count(Self.people(.renamed, in: log.changes).subtracting(returned))
    let isRestart = log.changes.contains { $0.kind == .renamed && $0.person.rawValue == 0 }
    everything = isRestart ? true : nil
    purged = log.hasPurged ? true : nil
    let allFaces = Self.runs(log.changes.map(\.face.rawValue) + changed)
    let allPeople = Self.runs(log.changes.map(\.person.rawValue) + newPeople)
    faces = allFaces.isEmpty ? nil : Array(allFaces.prefix(Self.mostRuns))
    people = allPeople.isEmpty ? nil : Array(allPeople.prefix(Self.mostRuns))
    more = max(allFaces.count, allPeople.count) > Self.mostRuns ? true : nil
  }

  /// The faces that changes of a kind are of.
  private static func faces(_ kind: Change.Kind, in changes: [Change]) -> Set<UInt64> {
    Set(changes.filter { $0.kind == kind }.map(\.face.rawValue)).subtracting([0])
  }

  /// The people that changes of a kind are of.
  private static func people(_ kind: Change.Kind, in changes: [Change]) -> Set<UInt64> {
    Set(changes.filter { $0.kind == kind }.map(\.person.rawValue))
      .subtracting([0, PersonID.unnamed.rawValue])
  }

  /// How many there are; nil for none.
  private static func count(_ numbers: Set<UInt64>) -> Int? { numbers.isEmpty ? nil : numbers.count }

  /// The runs of numbers that follow each other; 0 and the number of nobody are none.
  private static func runs(_ numbers: [UInt64]) -> [[UInt64]] {
    var runs: [[UInt64]] = []
    for number in Set(numbers).sorted() where number != 0 && number != PersonID.unnamed.rawValue {
      if let last = runs.last, last[1] + 1 == number {
        runs[runs.count - 1][1] = number
      } else {
        runs.append([number, number])
      }
    }
    return runs
  }
}

/// The text of a line of the log: a JSON object whose last member is the SHA-256 of the object without it.
enum AuditLine {
  private static let member = Array(#","sha256":""#.utf8)
  private static let end = Array(#""}"#.utf8)
  private static let digits = 64

  /// The text of a line without its line feed, and its digest.
  static func encode(_ entry: AuditEntry) throws -> (text: String, sha256: String) {
    var entry = entry
    entry.sha256 = nil
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.formatted(format))
    }
    let object = [UInt8](try encoder.encode(entry))
    let digest = SHA256.hexadecimal(of: object)
    return (String(decoding: object.dropLast() + member + digest.utf8 + end, as: UTF8.self), digest)
  }

  /// The entry of a line; nil when a byte of it is not what was written.
  static func decode(_ line: some Collection<UInt8>) -> AuditEntry? {
    let bytes = Array(line)
    let length = member.count + digits + end.count
    let seal = bytes.suffix(length)
    guard bytes.count > length, seal.starts(with: member), seal.suffix(end.count).elementsEqual(end) else {
      return nil
    }
    let object = bytes.dropLast(length) + Array("}".utf8)
    let digest = String(decoding: seal.dropFirst(member.count).prefix(digits), as: UTF8.self)
    guard SHA256.hexadecimal(of: Array(object)) == digest else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .custom { decoder in
      try Date(try decoder.singleValueContainer().decode(String.self), strategy: format)
    }
    guard var entry = try? decoder.decode(AuditEntry.self, from: Data(object)) else { return nil }
    entry.sha256 = digest
    return entry
  }

  private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
