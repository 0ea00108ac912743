public import Imaging

extension FaceFinder {
  /// The longer side down to which a photo may be halved when it is decoded for ``locate(in:options:)``, since its first search
  /// looks at no more; nil when all of its pixels are needed.
  public func decodeSizeHint(for options: DetectionOptions) -> Int? {
    guard options.detectFaces, options.upsampling == nil else { return nil }
    return options.maximumSide ?? detectorSizeHint
  }

  /// The pixels of the largest picture that is looked at of a photo, where ``DetectionOptions/upsampling`` or
  /// ``DetectionOptions/maximumSide`` is given; a usual search may be content with fewer.
  ///
  /// - Throws: ``EngineError`` with code `invalidOption` for more than the detector takes.
  public func searchedPixels(
    ofWidth width: Int, height: Int, _ options: DetectionOptions
  ) throws(EngineError) -> Int {
    try searchSize.pixels(ofWidth: width, height: height, options)
  }

  /// Finds the faces in a photo, largest first.
  ///
  /// Photos whose longer side exceeds ``DetectionOptions/maximumSide`` are shrunk to it for the search;
  /// boxes and landmarks are always in pixels of `image`.
  ///
  /// - Throws: ``EngineError``: `invalidOption`, `outOfMemory`, and `invalidInput` when `detectFaces` is false
  ///   and the picture is too small to be a face.
  /// - Complexity: O(pixels searched): for ``DetectorKind/hog`` about 12 ms a megapixel.
  public func detect(
    in image: RGBImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [DetectedFace] {
    try locate(in: ReducedImage(image), options: options).map(\.detection)
  }

  /// Finds the faces in a photo that was decoded no larger than ``decodeSizeHint(for:)``, largest first.
  ///
  /// All pixels, or as many as `ImageDecoder.wholePixels` lets there be, are decoded when the faces are too small to be cut out of
  /// the reduced picture, or none is found in it.
  /// Boxes and landmarks are in pixels of the whole photo.
  ///
  /// - Throws: ``EngineError`` as ``detect(in:options:)``.
  public func detect(
    in photo: ReducedImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [DetectedFace] {
    try locate(in: photo, options: options).map(\.detection)
  }

  /// Finds the faces in a photo as ``detect(in:options:)-(ReducedImage,_)``, and cuts them out for ``FaceEngine/embed(_:)-([LocatedFace])``.
  ///
  /// - Throws: ``EngineError`` as ``detect(in:options:)-(RGBImage,_)``.
  public func locate(
    in photo: ReducedImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [LocatedFace] {
    try options.validate()
    try EngineError.checkCancellation()
    guard options.detectFaces else {
      let whole = try photo.whole()
      return try located([try faceOfCrop(whole.image, options)], in: whole.image, scale: whole.reduction)
    }
    let found = try search(photo, options)
    try EngineError.checkCancellation()
    let faces = found.faces.sorted(by: FoundFace.largestFirst).prefix(options.maxFaces ?? .max)
    let enough = Self.sufficientFace * max(chipHeight, chipWidth) / Self.usualChipSide
    let isEnough = faces.allSatisfy { min($0.box.width, $0.box.height) >= enough }
    if found.reduction == photo.finestReduction || isEnough {
      return try located(Array(faces), in: found.picture, scale: found.reduction)
    }
    // Faces as small as these lose detail in the reduced picture.
    let whole = try photo.whole()
    let scale = Double(found.reduction / whole.reduction)
    return try located(faces.map { $0.scaled(by: scale) }, in: whole.image, scale: whole.reduction)
  }

  /// The shorter side, in pixels of a reduced picture, from which on a face is cut out of it; for chips of
  /// ``usualChipSide``.
  private static var sufficientFace: Int { 200 }
  private static var usualChipSide: Int { 150 }

  /// Aligns faces of a picture that is `scale` times smaller than the photo.
  private func located(
    _ faces: [FoundFace], in picture: RGBImage, scale: Int
  ) throws(EngineError) -> [LocatedFace] {
    var turned: [Int: RGBImage] = [:]
    var located: [LocatedFace] = []
    for face in faces {
      try EngineError.checkCancellation()
      var landmarks = face.landmarks
      if let predictor {
        let turns = QuarterTurns(face.quarterTurns, of: picture)
        let upright = turned[turns.count] ?? turns.turned(picture)
        turned[turns.count] = upright
        landmarks = try predictor.landmarks(in: upright, box: turns.turned(face.dlibBox))
          .map { turns.original($0) }
      }
      // Landmarks that fall together cannot be aligned: whatever the detector saw, it is no usable face.
      let side = aligner.measuredSide
      guard let measured = try? aligner.chip(of: landmarks, in: picture, height: side, width: side) else {
        continue
      }
      // Qualities compare between engines, so they are measured in chips of one scale.
      let chip =
        chipHeight == side && chipWidth == side
        ? measured : try aligner.chip(of: landmarks, in: picture, height: chipHeight, width: chipWidth)
      let box = face.box.scaled(by: Double(scale))
      let points = landmarks.map { $0.scaled(by: Double(scale)) }
      let quality = FaceQuality(
        box: box, landmarks: points, scheme: aligner.scheme, chip: measured, score: face.score)
      located.append(
        LocatedFace(
          DetectedFace(box: box, landmarks: points, scheme: aligner.scheme, quality: quality), .chip(chip)))
    }
    return located
  }

  private func search(_ photo: ReducedImage, _ options: DetectionOptions) throws(EngineError) -> FoundFaces {
    try detectors.withWorker { detector throws(EngineError) in try detector.search(photo, options) }
  }

  /// Where the face is in a picture that is said to be one. Landmarks need a box like the detector's, and
  /// crops are cut more or less tightly: the detector is asked first, and the whole picture taken when it
  /// finds nothing of a fitting size. Crops that lie on their side are found where the options look for such faces.
  private func faceOfCrop(_ image: RGBImage, _ wanted: DetectionOptions) throws(EngineError) -> FoundFace {
    let shorter = min(image.width, image.height)
    guard shorter >= Self.smallestCrop else {
      throw EngineError(
        .invalidInput,
        "A picture of \(image.width) × \(image.height) pixels is too small to be a face; "
          + "\(Self.smallestCrop) pixels on a side are the least.")
    }
    let options = DetectionOptions(maximumSide: 640, tryQuarterTurns: wanted.tryQuarterTurns)
    let found = try search(ReducedImage(image), options).faces.min(by: FoundFace.largestFirst)
    if let found, min(found.box.width, found.box.height) * 3 >= shorter { return found }
    let box = PixelRect(x: 0, y: 0, width: image.width, height: image.height)
    return FoundFace(box: box, score: 0, landmarks: aligner.usualLandmarks(in: box))
  }

  private static var smallestCrop: Int { 16 }
}

extension DetectionOptions {
  fileprivate func validate() throws(EngineError) {
    guard (0...4).contains(upsampling ?? 0) else {
      throw EngineError(
        .invalidOption, "Upsampling is a number of doublings from 0 to 4, not \(upsampling ?? 0).")
    }
    guard maxFaces ?? 1 > 0 else {
      throw EngineError(
        .invalidOption, "At most \(maxFaces ?? 0) faces leaves none to find; ask for 1 or more.")
    }
    guard maximumSide ?? .max >= Self.leastMaximumSide else {
      throw EngineError(
        .invalidOption,
        "Photos cannot be shrunk to \(maximumSide ?? 0) pixels for the search; \(Self.leastMaximumSide) is the least."
      )
    }
    guard minimumScore.isFinite else {
      throw EngineError(
        .invalidOption, "The minimum score of a face is a finite number, not \(minimumScore).")
    }
  }
}
