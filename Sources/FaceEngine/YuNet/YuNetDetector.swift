internal import Foundation
package import Imaging
package import NeuralNetwork

/// YuNet: a face detector of 54,000 weights that gives five landmarks with each face.
/// (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023.)
///
/// It finds faces of 16 to some 600 pixels. So large pictures are searched shrunk as well; one in which nothing is found is searched
/// once more with a border, for a face that fills it; and where it is unsure, lying on either side and upside down, because it takes
/// a face that lies for an upright one with its landmarks in wrong places. Of tilted faces the landmarks are looked for again in a view
/// that is turned upright (``TiltedFace``).
package final class YuNetDetector: FaceDetector {
  package let decodeSizeHint: Int? = YuNetDetector.largeSide
  package var searchSize: SearchSize {
    SearchSize(
      standardSide: Self.maximumSide, mostPixels: YuNetNetwork.mostPixels, cell: YuNetNetwork.cell)
  }
  package var scheme: LandmarkScheme? { .eyesNoseMouth }
  package let landmarkIdentity: String
  private let network: YuNetNetwork

  /// A detector on a network that no other one uses.
  init(_ network: YuNetNetwork) {
    self.network = network
    landmarkIdentity = "yunet-eyes-nose-mouth(\(network.weightsDigest.prefix(16)))"
  }

  /// What `minimumScore` 0 stands for: LFW's faces are all found from 0.3 to 0.8.
  private static let threshold: Float = 0.6
  /// A face below this may be one that lies.
  private static let sure: Float = 0.9
  /// What is seen from here on below the threshold may be a face that lies.
  private static let hint: Float = 0.2
  /// What a face is held to that is seen only in a picture that was turned: among so many turns there is always something alike.
  private static let turned: Float = 0.8
  /// A picture whose longer side is greater than this…
  private static let largest = 1_920
  /// … is shrunk to this side for its first search.
  private static let largeSide = 1_280
  /// The longer side of a large picture for its second, shrunk search.
  private static let overview = 640
  /// Larger faces, in pixels of a search, are taken from the shrunk one.
  private static let largestFace = 480
  /// The longer side that is searched when nothing is found in a smaller picture.
  private static let maximumSide = 4_096

  package func search(
    _ photo: ReducedImage, _ options: DetectionOptions
  ) throws(EngineError) -> FoundFaces {
    let longer = photo.image.longerSide * photo.reduction
    _ = try searchSize.pixels(
      ofWidth: photo.image.width * photo.reduction, height: photo.image.height * photo.reduction, options)
    let limit = options.maximumSide ?? Self.maximumSide
    var sides = [limit]
    if options.upsampling == nil, options.maximumSide == nil, longer > Self.largest {
      sides = [Self.largeSide, limit]
    }
    var whole: ReducedImage?
    for (place, side) in sides.enumerated() {
      let isReduced = photo.reduction > 1 && photo.image.longerSide >= side
      if !isReduced, whole == nil { whole = try photo.whole() }
      let source = isReduced ? photo : whole ?? photo
      let picture = source.image
      var faces = try search(picture, side: side, upsampling: options.upsampling ?? 0, options)
      if faces.isEmpty, place == 0, options.upsampling == nil {
        faces = try searchWithBorder(picture, options)
      }
      if faces.isEmpty { continue }
      for index in faces.indices { faces[index].score = Self.margin(faces[index].score) }
      return FoundFaces(faces: faces, picture: picture, reduction: source.reduction)
    }
    return FoundFaces(faces: [], picture: photo.image, reduction: photo.reduction)
  }

  package func steps() throws(EngineError) -> [LayerDescription] {
    try network.steps(width: 640, height: 480)
  }

  /// How far a probability lies above the threshold, in log-odds.
  private static func margin(_ score: Float) -> Float {
    func odds(_ p: Float) -> Float { log(p / (1 - p)) }
    return odds(min(max(score, 1e-4), 1 - 1e-4)) - odds(threshold)
  }

  /// The probability that lies so far above the threshold.
  static func score(margin: Float) -> Float { 1 / (1 + exp(-margin) * (1 - threshold) / threshold) }

  /// The faces of a picture, with the network's scores.
  private func search(
    _ picture: RGBImage, side: Int, upsampling: Int, _ options: DetectionOptions
  ) throws(EngineError) -> [FoundFace] {
    let minimum = Self.score(margin: options.minimumScore)
    let searched = try picture.shrunkForSearch(to: side).enlarged(upsampling)
    let overview =
      searched.longerSide > Self.overview * 5 / 4 ? try searched.shrunkForSearch(to: Self.overview) : nil
    let (fine, coarse) = (
      try look(at: searched, 0, picture),
      try overview.map { image throws(EngineError) in
        try look(at: image, 0, picture)
      }
    )
    let scale = Double(picture.width) / Double(searched.width)
    let seen = Self.joined(fine, coarse, largest: Double(Self.largestFace) * scale)
    let upright = seen.filter { $0.score >= minimum }
    guard options.tryQuarterTurns else { return upright }
    guard Self.isUnsure(upright, seen) else { return try straightened(upright, in: picture) }
    let least = max(minimum, Self.turned)
    var turned = try looks(at: overview ?? searched, picture)
    if upright.isEmpty, overview != nil, turned.allSatisfy({ $0.score < least }) {
      turned = try looks(at: searched, picture)
    }
    // A face is seen in several turns, and most surely where it stands upright.
    let faces = Self.surest(upright + turned.filter { $0.score >= least })
    return try straightened(faces, in: picture)
  }

  /// The faces, of those that may be tilted with the landmarks of a view in which they stand upright.
  private func straightened(
    _ faces: [FoundFace], in picture: RGBImage
  ) throws(EngineError) -> [FoundFace] {
    var straight = faces
    for (place, face) in faces.enumerated() where TiltedFace.mayBe(face, sure: Self.sure) {
      let upright = try TiltedFace(face, in: picture)?.upright { image throws(EngineError) in
        try network.candidates(in: image, minimumScore: Self.hint)
      }
      guard let upright else { continue }
      // It is this face still, and not the one beside it.
      let isAnother = faces.indices.contains {
        $0 != place && faces[$0].box.overlap(with: upright.box) > Self.overlap
      }
      if !isAnother { straight[place] = upright }
    }
    return straight
  }

  /// What is seen in the picture lying on either side and upside down.
  private func looks(at image: RGBImage, _ picture: RGBImage) throws(EngineError) -> [FoundFace] {
    var seen: [FoundFace] = []
    for turns in [1, 3, 2] { seen += try look(at: image, turns, picture) }
    return seen
  }

  /// What is seen in a turned image of the picture, placed in the picture.
  private func look(
    at image: RGBImage, _ count: Int, _ picture: RGBImage
  ) throws(EngineError) -> [FoundFace] {
    try EngineError.checkCancellation()
    let turns = QuarterTurns(count, of: picture)
    let scale = Double(picture.width) / Double(image.width)
    return try network.candidates(in: turns.turned(image), minimumScore: Self.hint)
      .map { turns.original($0.found(scale: scale)) }
  }

  /// A face that fills its picture is found with a border of half the picture's size around.
  private func searchWithBorder(
    _ picture: RGBImage, _ options: DetectionOptions
  ) throws(EngineError) -> [FoundFace] {
    let image = try picture.shrunkForSearch(to: Self.overview / 2)
    let scale = Double(picture.width) / Double(image.width)
    let (left, top) = (image.width / 2, image.height / 2)
    let framed = image.framed(left: left, top: top, width: image.width * 2, height: image.height * 2)
    let found = try search(framed, side: Self.overview, upsampling: 0, options)
    return found.map { face in
      var face = face
      face.box.x -= left
      face.box.y -= top
      face.landmarks = face.landmarks.map { PixelPoint(x: $0.x - Double(left), y: $0.y - Double(top)) }
      return face.scaled(by: scale)
    }
  }

  /// Whether there may be faces that lie: none stands upright for sure, or something is seen beside those that do.
  private static func isUnsure(_ upright: [FoundFace], _ seen: [FoundFace]) -> Bool {
    upright.isEmpty || upright.contains { $0.score < sure } || seen.count > upright.count
  }

  /// Faces of a fine search, and of a shrunk one those that the fine search cannot see whole.
  private static func joined(
    _ fine: [FoundFace], _ coarse: [FoundFace]?, largest: Double
  ) -> [FoundFace] {
    guard let coarse else { return fine }
    var faces = fine.filter { Double(max($0.box.width, $0.box.height)) <= largest }
    for face in coarse where !faces.contains(where: { $0.box.overlap(with: face.box) > overlap }) {
      // Parts of a large face may look like small ones.
      faces.removeAll { $0.score < face.score && face.box.holds($0.box) }
      faces.append(face)
    }
    return faces
  }

  /// Of faces that share a place the surest one.
  private static func surest(_ faces: [FoundFace]) -> [FoundFace] {
    var kept: [FoundFace] = []
    for face in faces.sorted(by: { ($0.score, $1.quarterTurns) > ($1.score, $0.quarterTurns) })
    where !kept.contains(where: {
      $0.box.overlap(with: face.box) > overlap || $0.box.holds(face.box) || face.box.holds($0.box)
    }) {
      kept.append(face)
    }
    return kept
  }

  private static var overlap: Double { YuNetOutput.largestOverlap }
}

extension PixelRect {
  /// Whether most of a smaller rectangle lies in this one.
  fileprivate func holds(_ other: PixelRect) -> Bool {
    other.area < area && sharedArea(with: other) > 0.8 * Double(other.area)
  }
}

extension RGBImage {
  /// Doubled in size so often.
  fileprivate func enlarged(_ doublings: Int) throws(EngineError) -> RGBImage {
    if doublings == 0 { return self }
    try checkEnlargedSize(upsampling: doublings)
    do {
      return try resized(width: width << doublings, height: height << doublings)
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }
}
