internal import FaceGallery

/// Where the pictures of faces are, for those of which one is kept.
struct FacePictures {
  private let kept: Set<FaceID>

  /// For these faces of a gallery.
  init(of faces: some Sequence<FaceID>, in gallery: Gallery) throws(GalleryError) {
    kept = try gallery.havingThumbnails(faces)
  }

  /// For the candidates of answers.
  init(of answers: some Sequence<Answer>, in gallery: Gallery) throws(GalleryError) {
    try self.init(of: Set(answers.flatMap { $0.candidates.map(\.face) }), in: gallery)
  }

  /// Whether one is kept of a face.
  func contains(_ face: FaceID) -> Bool { kept.contains(face) }

  /// The path in our API, for which a key that may read is needed; nil where none is kept.
  func path(of face: FaceID) -> String? { kept.contains(face) ? "/api/v1/faces/\(face)/thumbnail" : nil }
}
