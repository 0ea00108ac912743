public import Imaging
package import NeuralNetwork

extension FaceEngine {
  /// Finds and embeds the faces in a photo, largest first; empty when there is no face.
  ///
  /// - Throws: ``EngineError`` as `detect(in:options:)`.
  /// - Complexity: That of the search, and about 2 ms a face for the ResNet.
  public func faces(
    in image: RGBImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [Face] {
    try faces(in: ReducedImage(image), options: options)
  }

  /// Finds and embeds the faces in a photo that was decoded no larger than ``decodeSizeHint(for:)``.
  ///
  /// Embeddings of large faces differ a little from those of the whole photo; those of small ones are the same, because all
  /// pixels are decoded for them.
  ///
  /// - Throws: ``EngineError`` as `detect(in:options:)`.
  public func faces(
    in photo: ReducedImage, options: DetectionOptions = DetectionOptions()
  ) throws(EngineError) -> [Face] {
    let located = try locate(in: photo, options: options)
    return zip(located, try embed(located)).map { Face(detection: $0.detection, embedding: $1) }
  }

  /// Embeds faces that ``locate(in:options:)`` found, of one photo or of many; the same bits in any company.
  ///
  /// The network's weights are read once for ``batch`` faces, so that faces of several photos take less time together than one
  /// after the other.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` for faces that an engine of another network located.
  /// - Complexity: About 1.3 ms a face for the ResNet in batches of eight, 1.9 ms alone.
  public func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    let chips = faces.compactMap { if case .chip(let chip) = $0.source { chip } else { nil } }
    var made = try embed(chips: chips)[...]
    return faces.compactMap { face in
      switch face.source {
      case .chip: made.popFirst()
      case .embedding(let embedding): embedding
      }
    }
  }

  /// Embeds faces that were detected before in the same photo.
  ///
  /// Those whose landmarks are of another scheme than the engine's are looked for again.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` when a face's landmarks cannot be aligned, or it is not found again.
  public func embed(_ faces: [DetectedFace], in image: RGBImage) throws(EngineError) -> [Embedding] {
    var again: [DetectedFace]?
    var chips: [RGBImage] = []
    for face in faces {
      if face.scheme == aligner.scheme {
        chips.append(try chip(of: face, in: image))
        continue
      }
      let found: [DetectedFace]
      if let again { found = again } else { found = try detect(in: image) }
      again = found
      chips.append(try chip(of: try self.same(as: face, among: found, in: image), in: image))
    }
    return try embed(chips: chips)
  }

  /// The face that another detector had found before, looked for around its place when it is not among those of the whole photo.
  private func same(
    as face: DetectedFace, among found: [DetectedFace], in image: RGBImage
  ) throws(EngineError) -> DetectedFace {
    if let same = found.first(where: { $0.isSame(as: face) }) { return same }
    let margin = max(face.box.width, face.box.height)
    let (x, y) = (max(face.box.x - margin, 0), max(face.box.y - margin, 0))
    let region = image.cropped(
      x: x, y: y, width: face.box.x + face.box.width + margin - x,
      height: face.box.y + face.box.height + margin - y)
    for var near in try region.map({ region throws(EngineError) in try detect(in: region) }) ?? [] {
      near.box.x += x
      near.box.y += y
      near.landmarks = near.landmarks.map { PixelPoint(x: $0.x + Double(x), y: $0.y + Double(y)) }
      if near.isSame(as: face) { return near }
    }
    throw EngineError(
      .invalidInput, "The face was found by another detector, and this one does not find it in its photo.")
  }

  /// Embeds faces that are already aligned chips of ``chipWidth`` × ``chipHeight`` pixels.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` when a chip has another size.
  /// - Complexity: About 2 ms a chip for the ResNet, 45 ms for VGG16 at 224 × 224.
  public func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding] {
    if chips.isEmpty { return [] }
    let dimension = fingerprint.dimension
    let raw = try descriptors(of: chips)
    var embeddings: [Embedding] = []
    for start in stride(from: 0, to: raw.count, by: dimension) {
      embeddings.append(try Embedding(normalizing: Array(raw[start..<start + dimension])))
    }
    return embeddings
  }

  /// What each step of the network runs, in order.
  package func networkSteps() throws(EngineError) -> [LayerDescription] {
    try embedders.withWorker { embedder throws(EngineError) in embedder.steps }
  }

  /// The least seconds that each step of the network took for one chip, in some runs.
  package func networkProfile(runs: Int) throws(EngineError) -> [Double] {
    let chip = RGBImage(width: chipWidth, height: chipHeight, red: 120, green: 110, blue: 100)
    return try embedders.withWorker { embedder throws(EngineError) in
      _ = try embedder.descriptors(of: [chip])
      var least = try embedder.profile()
      for _ in 1..<max(runs, 1) { least = zip(least, try embedder.profile()).map { min($0, $1) } }
      return least
    }
  }

  /// The network's vectors as they are, before any normalization, row by row.
  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    try embedders.withWorker { embedder throws(EngineError) in try embedder.descriptors(of: chips) }
  }
}
