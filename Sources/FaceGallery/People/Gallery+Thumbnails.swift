public import Foundation
public import GalleryStore
public import Imaging

extension Gallery {
  /// The thumbnail of a face, which was cut out of its photo when it was added: a JPEG file, upright, at most 320 pixels a side,
  /// with the face in its middle. Nil when none was kept (``EnrolmentOptions/keepThumbnails``) or there is no such
  /// face.
  public func thumbnail(of face: FaceID) throws(GalleryError) -> Data? {
    try read { snapshot in
      try snapshot.thumbnail(of: face).map { Data($0) }
    }
  }

  /// The thumbnail of the oldest face of a person of which one is kept; nil when none is, or there is no such person.
  public func thumbnail(of person: PersonID) throws(GalleryError) -> Data? {
    try read { snapshot in
      guard try snapshot.thumbnailCount() > 0 else { return nil }
      let face = try snapshot.faces(of: person).first { try snapshot.hasThumbnail(of: $0) }
      return try face.flatMap { try snapshot.thumbnail(of: $0) }.map { Data($0) }
    }
  }

  /// Those of some faces of which a thumbnail is kept.
  ///
  /// - Complexity: O(*f* log *n*) for *f* faces; O(1) in a gallery without thumbnails.
  public func havingThumbnails(_ faces: some Sequence<FaceID>) throws(GalleryError) -> Set<FaceID> {
    try read { snapshot in
      guard try snapshot.thumbnailCount() > 0 else { return [] }
      return Set(try faces.filter { try snapshot.hasThumbnail(of: $0) })
    }
  }

  /// The pixels of ``thumbnail(of:)`` or, where none is kept, of one that is cut out of the photo now, if that still lies
  /// where it was and is the same. Nil when neither is there.
  ///
  /// - Complexity: A kept thumbnail takes a millisecond, a photo as long as decoding it.
  public func thumbnailImage(of face: FaceID) throws(GalleryError) -> RGBImage? {
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
