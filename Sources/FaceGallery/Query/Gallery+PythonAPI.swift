public import FaceEngine
public import GalleryStore

/// The operations of the Python API that this project replaces (in the style of face_recognition), under its names.
extension Gallery {
  /// Embeddings of the faces in a photo, largest face first.
  ///
  /// - Parameters:
  ///   - photo: The photo.
  ///   - maxFaces: At most so many faces; nil is all.
  ///   - detectFaces: False says that the photo is already a crop of one face.
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`.
  public func embeddings(
    in photo: Photo, maxFaces: Int? = nil, detectFaces: Bool = true
  ) throws(GalleryError) -> [Embedding] {
    let detection = DetectionOptions(detectFaces: detectFaces, maxFaces: maxFaces)
    return try faces(in: photo, detection: detection).map(\.embedding)
  }

  /// How alike two embeddings are.
  ///
  /// - Throws: ``GalleryError``: `invalidEmbedding` when their dimensions differ.
  public static func compare(_ a: Embedding, _ b: Embedding) throws(GalleryError) -> Comparison {
    guard a.dimension == b.dimension else {
      throw GalleryError(
        .invalidEmbedding,
        "Embeddings of \(a.dimension) and \(b.dimension) components cannot be compared; use one engine for both."
      )
    }
    return Comparison(
      cosineSimilarity: a.cosineSimilarity(to: b), squaredDistance: a.squaredDistance(to: b))
  }

  /// Names the faces in a photo, largest face first; a face that is like nobody has no name, nor has one that is less like a person than
  /// another face of the photo.
  ///
  /// - Parameters:
  ///   - photo: The photo.
  ///   - detectFaces: False says that the photo is already a crop of one face.
  ///   - maxFaces: At most so many faces; nil is all.
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`.
  public func match(
    _ photo: Photo, detectFaces: Bool = true, maxFaces: Int? = nil
  ) throws(GalleryError) -> [NamedFace] {
    let detection = DetectionOptions(detectFaces: detectFaces, maxFaces: maxFaces)
    return try query(photo, detection: detection, options: QueryOptions(k: 1)).map { probe in
      let name: String? = if case .known(let match) = probe.answer.verdict { match.name } else { nil }
      return NamedFace(
        detection: probe.face.detection, name: name, similarity: probe.answer.candidates.first?.similarity)
    }
  }
}
