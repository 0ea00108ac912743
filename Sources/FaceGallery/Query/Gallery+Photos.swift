public import FaceEngine
public import Imaging

extension Gallery {
  /// Says of each face in a photo who it is, judging every face by itself; largest face first.
  ///
  /// - Returns: One answer a face; none when no face is found.
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`, and as for an embedding.
  public func query(
    _ photo: Photo, detection: DetectionOptions = DetectionOptions(), options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [ProbeAnswer] {
    let engine = try requireEngine()
    let faces = try Self.faces(in: photo, engine, detection, self.options.decoder)
    var answers: [ProbeAnswer] = []
    for face in faces {
      answers.append(ProbeAnswer(face: face, answer: try query(face.embedding, options: options)))
    }
    return answers
  }

  /// Says whether two photos show the same person, by the largest face of each.
  ///
  /// - Parameters:
  ///   - a: A photo.
  ///   - b: Another photo.
  ///   - detection: How faces are looked for.
  ///   - threshold: Cosine similarity from which they are the same; nil is the engine's for a false match rate
  ///     of 1 in 1000.
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `noFace`, `engineNeeded`, `engineFailure`, and `thresholdNeeded`
  ///   when the engine is not calibrated.
  public func verify(
    _ a: Photo, _ b: Photo, detection: DetectionOptions = DetectionOptions(), threshold: Float? = nil
  ) throws(GalleryError) -> Verification {
    try Self.verify(
      a, b, engine: requireEngine(), detection: detection, threshold: threshold, decoder: options.decoder)
  }

  /// Says whether two photos show the same person, without a gallery.
  ///
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `noFace`, `engineFailure`, and `thresholdNeeded` when the engine is
  ///   not calibrated.
  public static func verify(
    _ a: Photo, _ b: Photo, engine: any EmbeddingEngine, detection: DetectionOptions = DetectionOptions(),
    threshold: Float? = nil, decoder: ImageDecoder = ImageDecoder()
  ) throws(GalleryError) -> Verification {
    var largest = detection
    largest.maxFaces = 1
    var found: [Face] = []
    for photo in [a, b] {
      guard let face = try faces(in: photo, engine, largest, decoder).first else {
        throw GalleryError(
          .noFace, "No face was found in \(photo.label ?? "a photo"); use a photo that shows the face.")
      }
      found.append(face)
    }
    let comparison = try compare(found[0].embedding, found[1].embedding)
    let point = engine.operatingPoint
    guard point.isCalibrated || threshold != nil else {
      throw GalleryError(
        .thresholdNeeded,
        "The engine is not calibrated: from which similarity faces are one person's is not known; give a threshold, "
          + "or calibrate it with \"galleryctl eval\".")
    }
    let applied = threshold ?? point.threshold(falseMatchRate: 0.001)
    return Verification(
      faces: found, comparison: comparison, threshold: applied,
      probability: point.probability(similarity: comparison.cosineSimilarity, threshold: applied))
  }

  static func faces(
    in photo: Photo, _ engine: any EmbeddingEngine, _ detection: DetectionOptions, _ decoder: ImageDecoder
  ) throws(GalleryError) -> [Face] {
    try GalleryError.wrapping {
      let side = engine.decodeSizeHint(for: detection)
      return try engine.faces(
        in: LoadedPhoto(photo).picture(decoder, sizeHint: side), options: detection)
    }
  }
}
