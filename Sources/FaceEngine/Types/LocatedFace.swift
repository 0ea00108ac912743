package import Imaging

/// A face that was found in a photo, with all that embedding it takes; the photo is needed no more.
public struct LocatedFace: Sendable {
  /// What the embedding is made of.
  package enum Source: Sendable {
    /// What the network is shown.
    case chip(RGBImage)
    /// An engine that embeds while it searches has it already.
    case embedding(Embedding)
  }

  /// Where the face is and how good.
  public let detection: DetectedFace

  /// What the embedding is made of.
  package let source: Source

  /// A face that is embedded already, for engines that cannot search without embedding.
  public init(_ face: Face) {
    self.init(face.detection, .embedding(face.embedding))
  }

  /// A face by its parts.
  package init(_ detection: DetectedFace, _ source: Source) {
    (self.detection, self.source) = (detection, source)
  }
}
