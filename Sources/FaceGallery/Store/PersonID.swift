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
