public import FaceEngine
public import Imaging

/// How a gallery is opened.
public struct GalleryOptions: Sendable, Hashable {
  /// What may be done with what is, or is not, at the path.
  public enum Access: String, Sendable, Hashable, CaseIterable {
    /// Make a gallery when there is none.
    case createIfMissing
    /// The gallery must be there.
    case existing
    /// The gallery must be there and is not changed, not even its snapshot.
    case readOnly
  }

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
