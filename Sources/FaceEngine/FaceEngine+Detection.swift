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
    try locate(in: ReducedImage(image), options: options).map(\.detection)
  }

  /// Finds the faces in a photo that was decoded no larger than ``DetectionOptions/sufficientSide``, largest first.
  ///
  /// All pixels are decoded when the faces are too small to be cut out of the reduced picture, or none is found in it.
  /// Boxes and landmarks are in pixels of the whole photo.
  ///
  /// - Throws: ``EngineError`` as ``detect(in:options:)``.
  public func detect(
    in photo: ReducedImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [DetectedFace] {
    try locate(in: photo, options: options).map(\.detection)
  }

  /// Finds the faces in a photo as ``detect(in:options:)-(ReducedImage,_)``, and cuts them out for ``embed(_:)``.
  ///
  /// - Throws: ``EngineError`` as ``detect(in:options:)-(RGBImage,_)``.
  public func locate(
    in photo: ReducedImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [LocatedFace] {
    try options.validate()
    guard options.detectFaces else {
      let image = try photo.whole()
      return try located([try boxOfCrop(image)], in: QuarterTurns(0, of: image), scale: 1)
    }
    let found = try search(photo, options)
    let enough = Self.sufficientFace * max(chipHeight, chipWidth) / FaceAligner.chipSide
    let isEnough = found.boxes.allSatisfy { min($0.box.width, $0.box.height) >= enough }
    if found.scale == 1 || isEnough { return try located(found.boxes, in: found.turns, scale: found.scale) }
    // Faces as small as these lose detail in the reduced picture.
    let boxes = found.boxes.map { $0.scaled(by: Double(found.scale)) }
    return try located(boxes, in: QuarterTurns(found.turns.count, of: photo.whole()), scale: 1)
  }

  /// The shorter side, in pixels of a reduced picture, from which on a face is cut out of it; for chips of 150 pixels.
  private static var sufficientFace: Int { 200 }

  /// Aligns the faces in boxes of a turned picture that is `scale` times smaller than the photo.
  private func located(
    _ boxes: [ScoredBox], in turns: QuarterTurns, scale: Int
  ) throws(EngineError) -> [LocatedFace] {
    let upright = turns.upright
    var located: [LocatedFace] = []
    for scored in boxes {
      let landmarks = try aligner.landmarks(in: turns.image, box: scored.box).map { turns.original($0) }
      // Landmarks that fall together cannot be aligned: whatever the detector saw, it is no usable face.
      guard let measured = try? aligner.chip(of: landmarks, in: upright) else { continue }
      // Qualities compare between engines, so they are measured in chips of one size.
      let isSameSize = chipHeight == FaceAligner.chipSide && chipWidth == FaceAligner.chipSide
      let chip =
        isSameSize
        ? measured : try aligner.chip(of: landmarks, in: upright, height: chipHeight, width: chipWidth)
      let box = turns.original(scored.box).scaled(by: Double(scale))
      let points = landmarks.map { $0.scaled(by: Double(scale)) }
      let quality = FaceQuality(box: box, landmarks: points, chip: measured, score: scored.score)
      located.append(
        LocatedFace(DetectedFace(box: box, landmarks: points, quality: quality), .chip(chip)))
    }
    return located
  }

  /// Boxes in a turned picture that is `scale` times smaller than the photo.
  private struct Found {
    var boxes: [ScoredBox]
    var turns: QuarterTurns
    var scale: Int
  }

  /// The faces of the photo as it is or, when there is none and the options ask for it, of the first turn of it
  /// that has faces.
  private func search(_ photo: ReducedImage, _ options: DetectionOptions) throws(EngineError) -> Found {
    let attempts = attempts(for: photo, options)
    var whole: RGBImage?
    // Sideways is how photos lie that lost their EXIF orientation; upside down is rare.
    for count in options.tryQuarterTurns ? [0, 1, 3, 2] : [0] {
      for attempt in attempts {
        let isReduced = photo.reduction > 1 && photo.image.longerSide >= attempt.limit
        if !isReduced, whole == nil { whole = try photo.whole() }
        let image = isReduced ? photo.image : whole ?? photo.image
        let turns = QuarterTurns(count, of: image)
        let boxes = try search(turns.image, options, attempt)
        if !boxes.isEmpty { return Found(boxes: boxes, turns: turns, scale: isReduced ? photo.reduction : 1) }
      }
    }
    return Found(boxes: [], turns: QuarterTurns(0, of: photo.image), scale: 1)
  }

  /// One search: the longer side to which the photo is shrunk, and the doublings after that.
  private struct Attempt {
    var limit: Int
    var upsampling: Int
  }

  /// What to try, one after the other until a face is found.
  private func attempts(for photo: ReducedImage, _ options: DetectionOptions) -> [Attempt] {
    let limit = options.maximumSide ?? searchSides.standard
    if let upsampling = options.upsampling { return [Attempt(limit: limit, upsampling: upsampling)] }
    let longer = photo.image.longerSide * photo.reduction
    if options.maximumSide == nil, let sufficient = searchSides.sufficient {
      let reduction = ReducedImage.reduction(of: longer, keeping: sufficient)
      if reduction > 1 {
        let side = (longer + reduction - 1) / reduction
        return [Attempt(limit: side, upsampling: 0), Attempt(limit: limit, upsampling: 0)]
      }
    }
    let once = Attempt(limit: limit, upsampling: 0)
    return min(longer, limit) <= 1_600 ? [once, Attempt(limit: limit, upsampling: 1)] : [once]
  }

  private func search(
    _ image: RGBImage, _ options: DetectionOptions, _ attempt: Attempt
  ) throws(EngineError) -> [ScoredBox] {
    let searched = try image.shrunkForSearch(to: attempt.limit)
    try Self.checkEnlargedSize(of: searched, upsampling: attempt.upsampling)
    let found = try detectors.withWorker { detector throws(EngineError) in
      try detector.detect(
        in: searched, upsampling: attempt.upsampling, minimumScore: options.minimumScore)
    }
    let scale = Double(image.width) / Double(searched.width)
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
    let options = DetectionOptions(maxFaces: 1, maximumSide: 640, tryQuarterTurns: false)
    let found = try search(ReducedImage(image), options).boxes
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

extension FaceEngine {
  /// Refuses to blow a large photo up beyond what memory should hold.
  private static func checkEnlargedSize(of image: RGBImage, upsampling: Int) throws(EngineError) {
    let pixels = (image.width * image.height) << (2 * upsampling)
    guard pixels <= 400_000_000 else {
      throw EngineError(
        .invalidOption,
        "Upsampling this photo \(upsampling) times makes \(pixels / 1_000_000) megapixels, and 400 are the "
          + "most; upsample it less or set a smaller maximum side.")
    }
  }
}

extension RGBImage {
  fileprivate var longerSide: Int { max(width, height) }

  fileprivate func shrunkForSearch(to limit: Int) throws(EngineError) -> RGBImage {
    do {
      return try shrunk(toLongerSide: limit)
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }
}

extension ReducedImage {
  fileprivate func whole() throws(EngineError) -> RGBImage {
    do {
      return try full()
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }
}

extension PixelRect {
  fileprivate func scaled(by scale: Double) -> PixelRect {
    if scale == 1 { return self }
    func scaled(_ value: Int) -> Int { Int((Double(value) * scale).rounded()) }
    return PixelRect(x: scaled(x), y: scaled(y), width: scaled(width), height: scaled(height))
  }
}

extension PixelPoint {
  /// The place in a picture `scale` times as large: centres of pixels go to centres.
  fileprivate func scaled(by scale: Double) -> PixelPoint {
    PixelPoint(x: (x + 0.5) * scale - 0.5, y: (y + 0.5) * scale - 0.5)
  }
}

extension ScoredBox {
  fileprivate func scaled(by scale: Double) -> ScoredBox {
    ScoredBox(box: box.scaled(by: scale), score: score)
  }

  /// Largest first; equal ones by score, then by place, so that the order never depends on the detector's.
  fileprivate static func largestFirst(_ a: ScoredBox, _ b: ScoredBox) -> Bool {
    if a.box.area != b.box.area { return a.box.area > b.box.area }
    if a.score != b.score { return a.score > b.score }
    return (a.box.x, a.box.y) < (b.box.x, b.box.y)
  }
}
