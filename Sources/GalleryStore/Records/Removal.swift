public import Foundation

/// A removal of people or faces that can be undone until it expires.
public struct Removal: Sendable, Hashable, Codable {
  /// For so long, in seconds, what was removed is kept.
  public static let lifetime: TimeInterval = 24 * 3600

  /// Its number; later removals have greater ones, and none has one twice.
  public let number: UInt64
  /// When it was done.
  public package(set) var removed: Date
  /// How many people are kept of it.
  public package(set) var people = 0
  /// How many faces are kept of it.
  public package(set) var faces = 0
  /// The engine of their embeddings; nil when there was none yet.
  package let engine: Engine?

  /// An engine by what its embeddings are known by.
  package struct Engine: Sendable, Hashable, Codable {
    package let digest: String
    package let word: String
  }

  package init(number: UInt64, removed: Date, engine: Engine?) {
    self.number = number
    self.removed = removed
    self.engine = engine
  }

  /// When it is forgotten.
  public var expires: Date { removed.addingTimeInterval(Self.lifetime) }

  /// Whether it is due to be forgotten.
  package func isExpired(_ now: Date) -> Bool { expires <= now }

  /// Whether it is said to have been done later than now, by a clock that was wrong.
  package func isOfFuture(_ now: Date) -> Bool { removed > now }

  /// Whether nothing is kept of it any more.
  package var isEmpty: Bool { people + faces == 0 }
}

/// A person who was removed, as a store keeps one.
package struct RemovedPerson: Hashable, Sendable {
  /// The number of the removal.
  package var removal: UInt64
  package var record: StoredPerson
  package var tags: [String: String]
  /// The digests of the keys of names that the person had before; see ``FormerNames``.
  package var formerNames: [String]
  /// How many faces went with the person.
  package var faceCount: Int
}

/// A face that was removed, as a store keeps one.
package struct RemovedFace: Hashable, Sendable {
  /// The number of the removal.
  package var removal: UInt64
  package var record: StoredFace
  /// The name of its person; empty for a face without a name.
  package var name: String
  package var tags: [String: String]
  package var vector: [UInt8]
  package var thumbnail: [UInt8]?
  /// The group of a face without a name; nil for none.
  package var group: UInt64?
  /// The newest face when this one was removed: those with greater numbers were added since.
  package var newest: UInt64

  /// Whether a face that is there may be this one, added again: it was added since.
  package func isAgain(_ face: FaceID, of person: PersonID) -> Bool {
    // Nobody's face tells nothing of somebody's.
    guard record.person == .unnamed || person != .unnamed else { return false }
    return face.rawValue > newest
  }
}
