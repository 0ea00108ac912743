/// Some of the faces of a gallery, older ones first.
public struct FacePage: Sendable, Hashable {
  /// How many faces there are altogether.
  public let total: Int
  /// Those of the page.
  public let faces: [EnrolledFace]
}
