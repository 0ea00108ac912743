public import Foundation

/// Somebody whom a gallery knows.
public struct Person: Sendable, Hashable, Identifiable {
  /// The person's number.
  public let id: PersonID

  /// The name, unique in the gallery, in Unicode normalisation form C.
  public let name: String

  /// How many faces of the person the gallery holds; a person may have none.
  public let faceCount: Int

  /// When the person was first added.
  public let created: Date

  /// The face that was chosen to stand for the person; nil when none was, or it is not the person's any more.
  public let picture: FaceID?

  /// A person by its parts.
  public init(id: PersonID, name: String, faceCount: Int, created: Date, picture: FaceID? = nil) {
    self.id = id
    self.name = name
    self.faceCount = faceCount
    self.created = created
    self.picture = picture
  }
}

/// Number of a person in a gallery: given once, never used again after a removal.
public struct PersonID: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The number, at least 1.
  public let rawValue: UInt64

  /// The person with this number, which need not exist.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Nobody yet: the faces without a name have this person.
  public static let unnamed = PersonID(rawValue: .max)

  /// The number in decimal.
  public var description: String { String(rawValue) }

  /// Older persons come first.
  public static func < (a: PersonID, b: PersonID) -> Bool { a.rawValue < b.rawValue }
}

/// Some of the people of a gallery, in the order of their names.
public struct PeoplePage: Sendable, Hashable {
  /// How many people there are altogether, or have the text in their name.
  public let total: Int
  /// Those of the page.
  public let people: [Person]

  package init(total: Int, people: [Person]) {
    self.total = total
    self.people = people
  }
}

/// What a store holds about a person.
package struct StoredPerson: Hashable, Sendable {
  package var name: String
  package var created: Date
  /// The face that was chosen to stand for the person. It counts only while it is the person's, see ``StoreSnapshot/picture(of:)``: so
  /// what happens to the face needs no look at whose picture it is, and when that is undone it counts again.
  package var picture: FaceID?

  package init(name: String, created: Date, picture: FaceID? = nil) {
    self.name = name
    self.created = created
    self.picture = picture
  }
}

extension Date {
  /// Milliseconds since the start of 1970, UTC: times are stored so.
  package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

  package init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

  /// The time now, to the millisecond, as it will be read back.
  package static var storable: Date { Date(milliseconds: Date.now.milliseconds) }
}

/// Somebody whom a change is about: by number, or as they were read. Then the change is made only while they still have the name that was
/// read, so that nobody else is meant who was renamed between the look and the change.
public protocol PersonReference: Sendable {
  /// The person's number.
  var number: PersonID { get }
  /// The name that they must still have; nil for any.
  var expectedName: String? { get }
}

extension PersonID: PersonReference {
  /// Itself.
  public var number: PersonID { self }
  /// Nil: a number means the same person whatever the name.
  public var expectedName: String? { nil }
}

extension Person: PersonReference {
  /// ``id``.
  public var number: PersonID { id }
  /// ``name``.
  public var expectedName: String? { name }
}
