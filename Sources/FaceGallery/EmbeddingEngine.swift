public import FaceEngine
public import Imaging

/// What a gallery needs of an engine: `FaceEngine` is one, and a program may bring its own.
public protocol EmbeddingEngine: Sendable {
  /// What its embeddings mean; a gallery keeps to one fingerprint until it is embedded anew.
  var fingerprint: EngineFingerprint { get }

  /// Its measured thresholds; `OperatingPoint.uncalibrated` when it has none.
  var operatingPoint: OperatingPoint { get }

  /// How the engine is made again, which a gallery remembers; nil for an engine that the program brings.
  var specification: EngineSpecification? { get }

  /// What the detector is called, for reports; nil for an engine that the program brings.
  var detectorName: String? { get }

  /// How many calls of `faces(in:options:)` run at the same time.
  var concurrency: Int { get }

  /// Finds and embeds the faces in a photo, largest first; empty when there is no face.
  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face]

  /// The longer side down to which photos may be halved when they are decoded for ``faces(in:options:)-(ReducedImage,_)``; nil
  /// for an engine that always takes the whole.
  func decodeSizeHint(for options: DetectionOptions) -> Int?

  /// The pixels of the largest picture in which faces are looked for, with options that say how large it is.
  ///
  /// - Throws: ``EngineError`` with code `invalidOption` for more than the engine takes.
  func searchedPixels(ofWidth width: Int, height: Int, _ options: DetectionOptions) throws(EngineError) -> Int

  /// Finds and embeds the faces in a photo that may have been decoded smaller; places are those in the whole photo.
  func faces(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [Face]

  /// How many photos are best located before their faces are embedded together; 1 for an engine that gains nothing by it.
  var preferredBatchSize: Int { get }

  /// Finds the faces in a photo, largest first, and leaves their embedding to ``embed(_:)``.
  func locate(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [LocatedFace]

  /// Embeds faces that were located, of one photo or of many.
  func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding]

  /// Embeds faces that were found before in the same photo.
  func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding]
}

extension EmbeddingEngine {
  /// Nothing to remember.
  public var specification: EngineSpecification? { nil }

  /// Not known.
  public var detectorName: String? { nil }

  /// The whole photo.
  public func decodeSizeHint(for options: DetectionOptions) -> Int? { nil }

  /// As many as of any detector of ours.
  public func searchedPixels(
    ofWidth width: Int, height: Int, _ options: DetectionOptions
  ) throws(EngineError) -> Int {
    try SearchSize.unknown.pixels(ofWidth: width, height: height, options)
  }

  /// The faces in the whole photo.
  public func faces(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    do {
      return try faces(in: photo.full(), options: options)
    } catch let error as ImageError {
      throw EngineError(.invalidInput, error.message)
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.internalFailure, "\(error)")
    }
  }

  /// Each photo by itself.
  public var preferredBatchSize: Int { 1 }

  /// The faces in the photo, embedded at once.
  public func locate(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [LocatedFace] {
    try faces(in: photo, options: options).map(LocatedFace.init)
  }

  /// The embeddings that the faces were located with.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` for a face that another engine located.
  public func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    var embeddings: [Embedding] = []
    for face in faces {
      guard case .embedding(let embedding) = face.source else {
        throw EngineError(
          .invalidInput, "The face was located by another engine; locate and embed with the same one.")
      }
      embeddings.append(embedding)
    }
    return embeddings
  }

  /// Finds the faces anew and takes those that share most with the ones asked for.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` for a face that is not found again.
  public func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding] {
    let found = try self.faces(in: image, options: DetectionOptions())
    var embeddings: [Embedding] = []
    for face in faces {
      let best = found.max {
        $0.detection.box.overlap(with: face.box) < $1.detection.box.overlap(with: face.box)
      }
      guard let best, face.box.isSameFace(best) else {
        throw EngineError(.invalidInput, "The face was not found again in its photo.")
      }
      embeddings.append(best.embedding)
    }
    return embeddings
  }
}

extension FaceEngine: EmbeddingEngine {
  /// The engine's specification with absolute paths.
  public var specification: EngineSpecification? { configuration.engine.withAbsolutePaths }

  /// The detector's word, such as `yunet`.
  public var detectorName: String? { detector.rawValue }

  /// The engine's configured number of threads.
  public var concurrency: Int { configuration.threads }

  /// The network's batch where the search takes about as long as embedding, as YuNet's and the HOG detector's do. The CNN's takes a
  /// hundred times as long: nothing would be gained, and a group be long in the making.
  public var preferredBatchSize: Int { detector == .cnn ? 1 : batch }
}
