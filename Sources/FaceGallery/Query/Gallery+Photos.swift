public import FaceEngine
public import GalleryStore
public import Imaging

extension Gallery {
  /// Says of each face in a photo who it is; largest face first. A name is given once, unless
  /// ``QueryOptions/allowsSameNameTwice``.
  ///
  /// - Returns: One answer a face; none when no face is found.
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`, and as for an embedding.
  public func query(
    _ photo: Photo, detection: DetectionOptions = DetectionOptions(), options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [ProbeAnswer] {
    try query(decoded(photo, for: detection), detection: detection, options: options)
  }

  /// Says of each face in a photo that was decoded with ``decoded(_:for:)`` who it is, all from the same state of the gallery.
  /// A name is given once, unless ``QueryOptions/allowsSameNameTwice``.
  ///
  /// - Returns: One answer a face, largest face first; none when no face is found.
  /// - Throws: ``GalleryError``: `engineNeeded`, `engineFailure`, and as for an embedding.
  public func query(
    _ picture: ReducedImage, detection: DetectionOptions = DetectionOptions(),
    options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [ProbeAnswer] {
    try query(located: located(in: picture, detection: detection), options: options)
  }

  /// Finds the faces in a photo that was decoded with ``decoded(_:for:)``, largest first, and leaves the rest to
  /// ``query(located:options:)``.
  ///
  /// - Throws: ``GalleryError``: `engineNeeded`, `engineFailure`.
  public func located(
    in picture: ReducedImage, detection: DetectionOptions = DetectionOptions()
  ) throws(GalleryError) -> [LocatedFace] {
    let engine = try requireEngine()
    return try GalleryError.wrapping { try engine.locate(in: picture, options: detection) }
  }

  /// Embeds faces that were located in one photo, and says of each who it is, all from the same state of the gallery. A name is given
  /// once, unless ``QueryOptions/allowsSameNameTwice``.
  ///
  /// - Returns: One answer a face, in their order.
  /// - Throws: ``GalleryError``: `engineNeeded`, `engineFailure`, and as for an embedding.
  public func query(
    located: [LocatedFace], options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [ProbeAnswer] {
    let engine = try requireEngine()
    let embeddings = try GalleryError.wrapping { try engine.embed(located) }
    var answers = try query(embeddings, options: options)
    if !options.allowsSameNameTwice { answers = Answer.ofOnePhoto(answers) }
    return zip(zip(located, embeddings), answers).map { face, answer in
      ProbeAnswer(face: Face(detection: face.0.detection, embedding: face.1), answer: answer)
    }
  }

  /// Decodes a photo, no larger than the engine needs it at first. Of a damaged file it is what there is, as
  /// `ReducedImage.remarks` tells.
  ///
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`.
  public func decoded(
    _ photo: Photo, for detection: DetectionOptions = DetectionOptions()
  ) throws(GalleryError) -> ReducedImage {
    try Self.decoded(photo, requireEngine(), detection, options.decoder)
  }

  /// Finds and embeds the faces in a photo, largest first; none when no face is found.
  ///
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`.
  public func faces(
    in photo: Photo, detection: DetectionOptions = DetectionOptions()
  ) throws(GalleryError) -> [Face] {
    try faces(in: decoded(photo, for: detection), detection: detection)
  }

  /// Finds and embeds the faces in a photo that was decoded with ``decoded(_:for:)``.
  ///
  /// - Throws: ``GalleryError``: `unreadablePhoto`, `engineNeeded`, `engineFailure`.
  public func faces(
    in picture: ReducedImage, detection: DetectionOptions = DetectionOptions()
  ) throws(GalleryError) -> [Face] {
    let engine = try requireEngine()
    return try GalleryError.wrapping { try engine.faces(in: picture, options: detection) }
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
    var found: [Face] = []
    var counts: [Int] = []
    var remarks: [[ImageRemark]] = []
    for photo in [a, b] {
      let picture: ReducedImage
      do throws(GalleryError) {
        picture = try decoded(photo, engine, detection, decoder)
      } catch {
        // Of two photos it is not clear which one is meant.
        guard error.code == .unreadablePhoto, let label = photo.label, !error.message.contains(label) else {
          throw error
        }
        throw GalleryError(error.code, "\(label): \(error.message)")
      }
      let located = try GalleryError.wrapping { try engine.locate(in: picture, options: detection) }
      guard let largest = located.first,
        let embedding = try GalleryError.wrapping({ try engine.embed([largest]).first })
      else {
        throw GalleryError(
          .noFace, "No face was found in \(photo.label ?? "a photo"); use a photo that shows the face.")
      }
      found.append(Face(detection: largest.detection, embedding: embedding))
      counts.append(located.count)
      remarks.append(picture.remarks)
    }
    let comparison = try compare(found[0].embedding, found[1].embedding)
    let point = engine.operatingPoint
    guard point.isCalibrated || threshold != nil else {
      throw GalleryError(
        .thresholdNeeded,
        "The engine is not calibrated: from which similarity faces are one person's is not known; give a threshold, "
          + "or calibrate it.")
    }
    let applied = threshold ?? point.threshold(falseMatchRate: OperatingPoint.loosestRate)
    return Verification(
      faces: found, faceCounts: counts, remarks: remarks, comparison: comparison, threshold: applied,
      probability: point.probability(similarity: comparison.cosineSimilarity, threshold: applied))
  }

  private static func decoded(
    _ photo: Photo, _ engine: any EmbeddingEngine, _ detection: DetectionOptions, _ decoder: ImageDecoder
  ) throws(GalleryError) -> ReducedImage {
    try GalleryError.wrapping {
      try LoadedPhoto(photo).picture(decoder, sizeHint: engine.decodeSizeHint(for: detection))
    }
  }
}
