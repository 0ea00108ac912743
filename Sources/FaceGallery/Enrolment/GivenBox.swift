internal import FaceEngine
internal import GalleryStore
internal import Imaging

extension EmbeddingEngine {
  /// The face in a box that somebody gave, where the detector has missed it or taken another.
  ///
  /// A face that the detector finds there is more exact than a box that was drawn by hand. Where it finds none in the photo, it looks again at
  /// what is around the box, enlarged; where there is none either, the box itself is taken for a crop of the face, if that is accepted.
  ///
  /// - Parameters:
  ///   - box: In pixels of the upright photo; it may stick out of it.
  ///   - acceptsCrop: Whether the box is taken for a crop of the face where no detector finds one.
  ///   - found: What the detector finds in the photo; nil looks for it now and keeps it.
  /// - Throws: ``EngineError`` with code `invalidInput` for a box outside of the photo, or of a few pixels only; ``ImageError``.
  func locate(
    in photo: ReducedImage, at box: PixelRect, acceptsCrop: Bool, found: inout [LocatedFace]?
  ) throws -> LocatedFace? {
    let whole = try photo.finest()
    let (image, scale) = (whole.image, whole.reduction)
    let wanted = box.scaled(by: 1 / Double(scale))
    guard let inside = wanted.clamped(toWidth: image.width, height: image.height) else {
      throw EngineError(
        .invalidInput,
        "The box lies outside of the photo, which has \(image.width * scale) × \(image.height * scale) pixels."
      )
    }
    func atBox(_ found: [LocatedFace], _ box: PixelRect) -> LocatedFace? {
      let best = found.max { $0.detection.box.overlap(with: box) < $1.detection.box.overlap(with: box) }
      return best.flatMap { $0.detection.box.overlap(with: box) >= Self.leastOverlap ? $0 : nil }
    }
    let all = try found ?? locate(in: photo, options: DetectionOptions())
    found = all
    if let face = atBox(all, box) { return face }
    func face(in part: PixelRect, _ options: DetectionOptions) throws -> LocatedFace? {
      guard
        let crop = image.cropped(x: part.x, y: part.y, width: part.width, height: part.height)
      else { return nil }
      let side = Double(min(inside.width, inside.height))
      let zoom = min(
        max(1, Self.detectableSide / side), Double(Self.longestSide) / Double(max(crop.width, crop.height)))
      let zoomed = try crop.resized(
        width: max(1, Int((Double(crop.width) * zoom).rounded())),
        height: max(1, Int((Double(crop.height) * zoom).rounded())))
      let place = inside.moved(by: (-part.x, -part.y)).scaled(by: zoom)
      let found = try locate(in: ReducedImage(zoomed), options: options)
      guard let best = atBox(found, place) else { return nil }
      var detection = best.detection.scaled(by: 1 / zoom).moved(by: (part.x, part.y)).scaled(
        by: Double(scale))
      detection.quality.size = min(detection.box.width, detection.box.height)
      return LocatedFace(detection, best.source)
    }
    let margin = max(inside.width, inside.height)
    let around = PixelRect(
      x: inside.x - margin, y: inside.y - margin, width: inside.width + 2 * margin,
      height: inside.height + 2 * margin
    ).clamped(toWidth: image.width, height: image.height)
    if let around, let face = try face(in: around, DetectionOptions()) { return face }
    guard acceptsCrop else { return nil }
    // It is enlarged for the search, so its size is looked at before.
    guard min(inside.width, inside.height) * scale >= Self.smallestBox else {
      throw EngineError(
        .invalidInput,
        "A box with \(inside.width * scale) × \(inside.height * scale) pixels of the photo is too small to be a face; "
          + "\(Self.smallestBox) pixels on a side are the least.")
    }
    guard let face = try face(in: inside, DetectionOptions(detectFaces: false)) else {
      throw EngineError(.invalidInput, "The box holds too little of the photo to be a face.")
    }
    return face
  }

  /// The shorter side in pixels to which a smaller face is enlarged, which every detector finds.
  private static var detectableSide: Double { 160 }

  /// The shorter side in pixels of the smallest box that is taken for a crop of a face, as of a photo that is one.
  private static var smallestBox: Int { 16 }

  /// The longer side in pixels of what is searched.
  private static var longestSide: Int { 1280 }

  /// Shared area over the area of both: boxes that are drawn by hand have more of the head, or less, than a detector's.
  private static var leastOverlap: Double { 0.25 }
}

extension PixelRect {
  fileprivate func moved(by offset: (x: Int, y: Int)) -> PixelRect {
    PixelRect(x: x + offset.x, y: y + offset.y, width: width, height: height)
  }
}

extension DetectedFace {
  fileprivate func moved(by offset: (x: Int, y: Int)) -> DetectedFace {
    var face = self
    face.box = box.moved(by: offset)
    face.landmarks = landmarks.map { PixelPoint(x: $0.x + Double(offset.x), y: $0.y + Double(offset.y)) }
    return face
  }
}
