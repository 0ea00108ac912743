package import Imaging

/// One of dlib's detectors: they give boxes of upright faces, and take landmarks from a predictor.
package protocol DlibDetector: FaceDetector {
  /// The longer side, in pixels, to which photos are shrunk for the search unless the caller says otherwise.
  var defaultMaximumSide: Int { get }

  /// Whether photos are searched first as ``FaceDetector/decodeSizeHint`` lets them be decoded, and at
  /// ``defaultMaximumSide`` only when no face is found.
  var halvesWhileLarge: Bool { get }

  /// The faces in a picture, in any order.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - upsampling: How often it is doubled in size first.
  ///   - minimumScore: Faces below this margin over the detector's own threshold are left out.
  func detect(
    in image: RGBImage, upsampling: Int, minimumScore: Float
  ) throws(EngineError) -> [FoundFace]
}

extension DlibDetector {
  package var searchSize: SearchSize {
    SearchSize(standardSide: defaultMaximumSide, mostPixels: RGBImage.mostEnlargedPixels)
  }

  package var scheme: LandmarkScheme? { nil }
  package var landmarkIdentity: String { "" }

  /// The faces of the photo as it is or, when there is none and the options ask for it, of the first turn of it
  /// that has faces.
  package func search(
    _ photo: ReducedImage, _ options: DetectionOptions
  ) throws(EngineError) -> FoundFaces {
    let attempts = attempts(for: photo, options)
    var whole: ReducedImage?
    // Sideways is how photos lie that lost their EXIF orientation; upside down is rare.
    for count in options.tryQuarterTurns ? [0, 1, 3, 2] : [0] {
      for attempt in attempts {
        try EngineError.checkCancellation()
        let isReduced = photo.reduction > 1 && photo.image.longerSide >= attempt.limit
        if !isReduced, whole == nil { whole = try photo.whole() }
        let source = isReduced ? photo : whole ?? photo
        let picture = source.image
        let turns = QuarterTurns(count, of: picture)
        let found = try search(turns.turned(picture), options, attempt)
        if found.isEmpty { continue }
        return FoundFaces(
          faces: found.map { turns.original($0) }, picture: picture, reduction: source.reduction)
      }
    }
    return FoundFaces(faces: [], picture: photo.image, reduction: photo.reduction)
  }

  /// What to try, one after the other until a face is found.
  private func attempts(for photo: ReducedImage, _ options: DetectionOptions) -> [SearchAttempt] {
    let limit = options.maximumSide ?? defaultMaximumSide
    if let upsampling = options.upsampling { return [SearchAttempt(limit: limit, upsampling: upsampling)] }
    let longer = photo.image.longerSide * photo.reduction
    if options.maximumSide == nil, halvesWhileLarge, let sufficient = decodeSizeHint {
      let reduction = ReducedImage.reduction(of: longer, keeping: sufficient)
      if reduction > 1 {
        let side = (longer + reduction - 1) / reduction
        return [SearchAttempt(limit: side, upsampling: 0), SearchAttempt(limit: limit, upsampling: 0)]
      }
    }
    let once = SearchAttempt(limit: limit, upsampling: 0)
    return min(longer, limit) <= 1_600 ? [once, SearchAttempt(limit: limit, upsampling: 1)] : [once]
  }

  private func search(
    _ image: RGBImage, _ options: DetectionOptions, _ attempt: SearchAttempt
  ) throws(EngineError) -> [FoundFace] {
    let searched = try image.shrunkForSearch(to: attempt.limit)
    try searched.checkEnlargedSize(upsampling: attempt.upsampling)
    let found = try detect(
      in: searched, upsampling: attempt.upsampling, minimumScore: options.minimumScore)
    let scale = Double(image.width) / Double(searched.width)
    return found.map { $0.scaled(by: scale) }
  }
}

/// One search: the longer side to which the photo is shrunk, and the doublings after that.
private struct SearchAttempt {
  var limit: Int
  var upsampling: Int
}
