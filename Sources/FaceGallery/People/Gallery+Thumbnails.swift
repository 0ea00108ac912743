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

  /// The thumbnail of the face that was chosen to stand for a person (``choosePicture(_:of:)``) or, where none was chosen or none is kept
  /// of it, of the oldest face of which one is; nil when there is none, or no such person.
  public func thumbnail(of person: PersonID) throws(GalleryError) -> Data? {
    try read { snapshot in
      guard try snapshot.thumbnailCount() > 0 else { return nil }
      if let face = try snapshot.picture(of: person), let chosen = try snapshot.thumbnail(of: face) {
        return Data(chosen)
      }
      let face = try snapshot.faces(of: person).first { try snapshot.hasThumbnail(of: $0) }
      return try face.flatMap { try snapshot.thumbnail(of: $0) }.map { Data($0) }
    }
  }

  /// Chooses the face that stands for a person where one picture is shown of them, or, with nil, leaves that to ``thumbnail(of:)`` again.
  ///
  /// The choice counts while the face is the person's: when it is moved or removed there is none, and there is again when that is undone.
  /// Who becomes one with somebody for whom no face was chosen takes the choice along.
  ///
  /// - Returns: The person as they are then.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `noSuchFace` for a face that is not there or of another person.
  @discardableResult
  public func choosePicture(
    _ face: FaceID?, of person: some PersonReference
  ) throws(GalleryError) -> Person {
    try write { writer in
      let person = try writer.verified(person)
      if let face, try writer.faceRecord(face)?.person != person {
        throw try writer.notOne(face, of: person)
      }
      try writer.setPicture(face, of: person)
      return try writer.existing(person)
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
