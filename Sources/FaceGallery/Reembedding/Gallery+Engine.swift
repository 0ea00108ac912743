public import FaceEngine
public import Foundation
internal import GalleryStore

extension Gallery {
  /// The engine that the gallery was filled with, as it can be made again; nil before the first face, and when the
  /// program brought an engine of its own.
  ///
  /// A gallery that has nothing on record but the fingerprint of dlib's ResNet was made when there was no other.
  public func engineSpecification() throws(GalleryError) -> EngineSpecification? {
    try read { snapshot in try snapshot.rememberedEngine() }
  }

  /// The engine that the gallery in a folder was filled with; nil when there is no gallery, or none on record.
  ///
  /// - Throws: ``GalleryError`` as ``open(at:engine:options:warn:)``, except `notFound`.
  public static func engineSpecification(at url: URL) throws(GalleryError) -> EngineSpecification? {
    let gallery: Gallery
    do {
      gallery = try open(at: url, options: GalleryOptions(access: .readOnly))
    } catch  where error.code == .notFound || error.code == .notAGallery {
      return nil
    }
    let choice = try gallery.engineSpecification()
    try gallery.close()
    return choice
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The engine that the gallery was filled with, as it can be made again; see ``Gallery/engineSpecification()``.
  func rememberedEngine() throws -> EngineSpecification? {
    if let choice = try engineSpecification() { return choice }
    return try fingerprint()?.network == EngineSpecification.resNet.name ? .resNet : nil
  }
}
