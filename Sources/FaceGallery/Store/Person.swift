public import Foundation

/// Somebody whom a gallery knows.
public struct Person: Sendable, Hashable, Codable, Identifiable {
  /// The person's number.
  public let id: PersonID

  /// The name, unique in the gallery, in Unicode normalisation form C.
  public let name: String

  /// How many faces of the person the gallery holds; a person may have none.
  public let faceCount: Int

  /// When the person was first added.
  public let created: Date

  /// A person by its parts.
  public init(id: PersonID, name: String, faceCount: Int, created: Date) {
    self.id = id
    self.name = name
    self.faceCount = faceCount
    self.created = created
  }
}
