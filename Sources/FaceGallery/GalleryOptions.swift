public import FaceEngine
public import GalleryStore
public import Imaging

/// How a gallery is opened.
public struct GalleryOptions: Sendable, Hashable {
  /// What may be done with what is, or is not, at the path.
  public typealias Access = StoreAccess

  /// What may be done with what is, or is not, at the path.
  public var access: Access

  /// The fingerprint of a program's own engine, for a gallery that is opened without an ``EmbeddingEngine``
  /// and filled with embeddings; nil takes the one that the gallery has.
  public var fingerprint: EngineFingerprint?

  /// Limits on the photos that are read.
  public var decoder: ImageDecoder

  /// With the default threshold, a stranger is named with at most this probability.
  public var falsePositiveIdentificationRate: Double

  /// A writer saves the index when so many changes have been made since the last snapshot, and more than a
  /// tenth of the faces.
  public var changesBeforeSnapshot: Int

  /// Options; the defaults suit most programs.
  public init(
    access: Access = .createIfMissing, fingerprint: EngineFingerprint? = nil,
    decoder: ImageDecoder = ImageDecoder(), falsePositiveIdentificationRate: Double = 0.01,
    changesBeforeSnapshot: Int = 10_000
  ) {
    self.access = access
    self.fingerprint = fingerprint
    self.decoder = decoder
    self.falsePositiveIdentificationRate = falsePositiveIdentificationRate
    self.changesBeforeSnapshot = changesBeforeSnapshot
  }
}
