public import FaceGallery

/// A gallery of a server.
public struct ServedGallery: Sendable {
  /// The name in logs and metrics.
  public let name: String
  /// The gallery.
  public let gallery: Gallery
  let keys: KeyStore

  /// Whether there is a key at all.
  public var hasKeys: Bool { !keys.isEmpty }

  /// A gallery with the keys in its folder.
  ///
  /// - Throws: ``KeyError`` when the keys cannot be read.
  public init(_ gallery: Gallery, name: String) throws(KeyError) {
    self.gallery = gallery
    self.name = name
    keys = try KeyStore(KeyFile(gallery: gallery.url))
  }
}
