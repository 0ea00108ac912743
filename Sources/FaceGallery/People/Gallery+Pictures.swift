internal import Foundation
public import GalleryStore
public import Imaging

extension Gallery {
  /// A small picture of a face: the one that was kept when it was added, else cut out of its photo, if that still lies
  /// where it was and is the same. Nil when neither is there.
  ///
  /// - Complexity: A kept picture takes a millisecond, a photo as long as decoding it.
  public func picture(of face: FaceID) throws(GalleryError) -> RGBImage? {
    try GalleryError.wrapping {
      if let kept = try thumbnail(of: face) { return try options.decoder.decode(kept) }
      guard let enrolled = try self.face(face), let path = enrolled.path, let box = enrolled.detection?.box,
        let digest = enrolled.photo,
        let photo = try? LoadedPhoto(.file(URL(filePath: path))), photo.digests.contains(digest),
        let picture = try? photo.picture(options.decoder)
      else { return nil }
      return try options.decoder.decode(Thumbnail(of: box, in: picture).jpeg)
    }
  }
}
