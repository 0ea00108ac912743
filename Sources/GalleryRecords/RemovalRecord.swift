/// Who is gone, in JSON.
public struct RemovalRecord: Encodable, Sendable {
  /// Their names; none when faces are meant, or everybody: they may be a million.
  public var people: [String]
  /// How many people are gone; 0 when faces are meant.
  public var peopleCount: Int
  /// How many faces are gone.
  public var faces: Int
  /// Whether nothing was removed, and this is who would be.
  public var dryRun: Bool

  /// The record of single faces, or of everybody.
  public init(peopleCount: Int = 0, faces: Int) {
    (people, self.peopleCount, self.faces, dryRun) = ([], peopleCount, faces, false)
  }

  /// The record of people by their names.
  public init(people: [String], faces: Int) {
    (self.people, peopleCount, self.faces, dryRun) = (people, people.count, faces, false)
  }
}
