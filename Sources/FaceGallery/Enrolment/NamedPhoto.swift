/// A photo with the name of the person whom it shows, if that is known.
public struct NamedPhoto: Sendable {
  /// The photo.
  public let photo: Photo
  /// The person's name, as a user writes it; nil keeps the faces without a name, to be grouped by
  /// ``Gallery/cluster(options:progress:)``.
  public let name: String?

  /// A photo with a name, or without one.
  public init(_ photo: Photo, name: String?) {
    self.photo = photo
    self.name = name
  }
}
