public import Foundation

/// A copy of the gallery that was kept before everybody was removed; ``Gallery/undoRemoval(_:)`` takes them from it.
public struct RemovalCopy: Sendable, Hashable, Codable {
  /// Names the copy, and its folder in the gallery's folder `removed`; later copies sort behind earlier ones.
  public let name: String
  /// When everybody was removed.
  public let removed: Date
  /// When the copy is deleted.
  public let expires: Date
  /// How many people were removed.
  public let people: Int
  /// How many faces were removed.
  public let faces: Int
}
