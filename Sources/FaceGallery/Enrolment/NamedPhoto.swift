/// A photo with the name of the person whom it shows.
public struct NamedPhoto: Sendable {
  /// The photo.
  public let photo: Photo
  /// The person's name, as a user writes it.
  public let name: String

  /// A photo with a name.
  public init(_ photo: Photo, name: String) {
    self.photo = photo
    self.name = name
  }
}
