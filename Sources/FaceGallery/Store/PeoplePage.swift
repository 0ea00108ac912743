/// Some of the people of a gallery, in the order of their names.
public struct PeoplePage: Sendable, Hashable {
  /// How many people there are altogether, or have the text in their name.
  public let total: Int
  /// Those of the page.
  public let people: [Person]
}
