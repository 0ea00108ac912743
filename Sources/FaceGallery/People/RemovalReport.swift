/// What was removed from a gallery, and how it is brought back.
public struct RemovalReport: Sendable, Hashable {
  /// How many people are gone.
  public let people: Int
  /// How many faces are gone.
  public let faces: Int
  /// The number of the removal for ``Gallery/undo(_:)``; nil when nothing is kept of it.
  public let number: UInt64?

  init(_ removed: (people: Int, faces: Int, number: UInt64?)) {
    (people, faces, number) = removed
  }
}
