public import Imaging

extension FaceEngine {
  /// Finds the faces in a photo, largest first.
  ///
  /// Photos whose longer side exceeds ``DetectionOptions/maximumSide`` are shrunk to it for the search;
  /// boxes and landmarks are always in pixels of `image`, and landmarks are looked for at full resolution.
  ///
  /// - Throws: ``EngineError``: `invalidOption`, `outOfMemory`, and `invalidInput` when `detectFaces` is false
  ///   and the picture is too small to be a face.
  /// - Complexity: O(pixels searched): for ``DetectorKind/hog`` about 12 ms a megapixel.
  public func detect(
    in image: RGBImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [DetectedFace] {
    try locate(in: image, options: options).map(\.face)
  }

  /// A face with its chip, which measuring the quality needs anyway.
  struct Located {
    var face: DetectedFace
    var chip: RGBImage
  }

  func locate(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Located] {
    try options.validate()
    let (boxes, turns) =
      options.detectFaces ? try search(image, options) : ([try boxOfCrop(image)], QuarterTurns(0, of: image))
    var located: [Located] = []
    for scored in boxes {
      let landmarks = try aligner.landmarks(in: turns.image, box: scored.box).map { turns.original($0) }
      // Landmarks that fall together cannot be aligned: whatever the detector saw, it is no usable face.
      guard let measured = try? aligner.chip(of: landmarks, in: image) else { continue }
      let box = turns.original(scored.box)
      let quality = FaceQuality(box: box, landmarks: landmarks, chip: measured, score: scored.score)
      let face = DetectedFace(box: box, landmarks: landmarks, quality: quality)
      // Qualities compare between engines, so they are measured in chips of one size.
      let isSameSize = chipHeight == FaceAligner.chipSide && chipWidth == FaceAligner.chipSide
      located.append(Located(face: face, chip: isSameSize ? measured : try chip(of: face, in: image)))
    }
    return located
  }

  /// The faces of the photo as it is or, when there is none and the options ask for it, of the first turn of it
  /// that has faces.
  private func search(
    _ image: RGBImage, _ options: DetectionOptions
  ) throws(EngineError) -> (boxes: [ScoredBox], turns: QuarterTurns) {
    let upright = QuarterTurns(0, of: image)
    let boxes = try searchUpright(image, options)
    guard boxes.isEmpty, options.tryQuarterTurns else { return (boxes, upright) }
    // Sideways is how photos lie that lost their EXIF orientation; upside down is rare.
    for count in [1, 3, 2] {
      let turns = QuarterTurns(count, of: image)
      let boxes = try searchUpright(turns.image, options)
      if !boxes.isEmpty { return (boxes, turns) }
    }
    return ([], upright)
  }

  private func searchUpright(_ image: RGBImage, _ options: DetectionOptions) throws(EngineError)
    -> [ScoredBox]
  {
    let (found, scale) = try workers.withWorker { worker throws(EngineError) in
      let limit = options.maximumSide ?? worker.detector.defaultMaximumSide
      let searched = try image.shrunkForSearch(to: limit)
      var found: [ScoredBox] = []
      try options.checkEnlargedSize(of: searched)
      for upsampling in options.upsamplings(of: searched) where found.isEmpty {
        found = try worker.detector.detect(
          in: searched, upsampling: upsampling, minimumScore: options.minimumScore)
      }
      return (found, Double(image.width) / Double(searched.width))
    }
    let sorted = found.map { $0.scaled(by: scale) }.sorted(by: ScoredBox.largestFirst)
    return Array(sorted.prefix(options.maxFaces ?? sorted.count))
  }

  /// Where the face is in a picture that is said to be one. The landmarks need a box like the detector's, and
  /// crops are cut more or less tightly: the detector is asked first, and the whole picture taken when it
  /// finds nothing of a fitting size.
  private func boxOfCrop(_ image: RGBImage) throws(EngineError) -> ScoredBox {
    let shorter = min(image.width, image.height)
    guard shorter >= Self.smallestCrop else {
      throw EngineError(
        .invalidInput,
        "A picture of \(image.width) × \(image.height) pixels is too small to be a face; "
          + "\(Self.smallestCrop) pixels on a side are the least.")
    }
    let found = try searchUpright(image, DetectionOptions(maxFaces: 1, maximumSide: 640))
    if let face = found.first, min(face.box.width, face.box.height) * 3 >= shorter { return face }
    return ScoredBox(box: PixelRect(x: 0, y: 0, width: image.width, height: image.height), score: 0)
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
    guard maximumSide ?? 80 >= 80 else {
      throw EngineError(
        .invalidOption,
        "Photos cannot be shrunk to \(maximumSide ?? 0) pixels for the search; 80 is the least.")
    }
    guard minimumScore.isFinite else {
      throw EngineError(
        .invalidOption, "The minimum score of a face is a finite number, not \(minimumScore).")
    }
  }
}

extension DetectionOptions {
  /// Refuses to blow a large photo up beyond what memory should hold.
  fileprivate func checkEnlargedSize(of image: RGBImage) throws(EngineError) {
    let pixels = (image.width * image.height) << (2 * (upsampling ?? 0))
    guard pixels <= 400_000_000 else {
      throw EngineError(
        .invalidOption,
        "Upsampling this photo \(upsampling ?? 0) times makes \(pixels / 1_000_000) megapixels, and 400 are the "
          + "most; upsample it less or set a smaller maximum side.")
    }
  }

  /// The doublings to try, one after the other until a face is found.
  fileprivate func upsamplings(of image: RGBImage) -> [Int] {
    if let upsampling { return [upsampling] }
    return max(image.width, image.height) <= 1_600 ? [0, 1] : [0]
  }
}

extension RGBImage {
  fileprivate func shrunkForSearch(to limit: Int) throws(EngineError) -> RGBImage {
    do {
      return try shrunk(toLongerSide: limit)
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }
}

extension ScoredBox {
  fileprivate func scaled(by scale: Double) -> ScoredBox {
    if scale == 1 { return self }
    func scaled(_ value: Int) -> Int { Int((Double(value) * scale).rounded()) }
    return ScoredBox(
      box: PixelRect(
        x: scaled(box.x), y: scaled(box.y), width: scaled(box.width), height: scaled(box.height)),
      score: score)
  }

  /// Largest first; equal ones by score, then by place, so that the order never depends on the detector's.
  fileprivate static func largestFirst(_ a: ScoredBox, _ b: ScoredBox) -> Bool {
    if a.box.area != b.box.area { return a.box.area > b.box.area }
    if a.score != b.score { return a.score > b.score }
    return (a.box.x, a.box.y) < (b.box.x, b.box.y)
  }
}
