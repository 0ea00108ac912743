/// How a gallery is brought in step with folders of photos.
public struct SyncOptions: Sendable, Hashable {
  /// How new photos are enrolled.
  public var enrolment: EnrolmentOptions

  /// Whether faces whose photos are gone are removed, and people of whom none are left; else they are reported.
  public var prune: Bool

  /// Whether photos that could not be used are looked at again, though neither they nor the options have changed.
  public var retries: Bool

  /// Options; of a photo that shows several faces the largest is taken unless told otherwise.
  public init(
    enrolment: EnrolmentOptions = EnrolmentOptions(severalFaces: .largest), prune: Bool = false,
    retries: Bool = false
  ) {
    self.enrolment = enrolment
    self.prune = prune
    self.retries = retries
  }
}
