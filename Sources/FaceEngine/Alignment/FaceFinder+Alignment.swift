public import Imaging

extension FaceFinder {
  /// Cuts out a face as the network sees it: ``chipWidth`` × ``chipHeight`` pixels, upright, the landmarks at fixed
  /// places. What lies outside the photo is black.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` when the face's landmarks cannot be aligned, or are of another scheme than
  ///   the engine's.
  public func chip(of face: DetectedFace, in image: RGBImage) throws(EngineError) -> RGBImage {
    try aligned(face, in: image, height: chipHeight, width: chipWidth)
  }

  /// Cuts out a face as ``chip(of:in:)-(DetectedFace,RGBImage)`` does; its place is one of the whole photo.
  public func chip(of face: DetectedFace, in photo: ReducedImage) throws(EngineError) -> RGBImage {
    try chip(of: face.scaled(by: 1 / Double(photo.reduction)), in: photo.image)
  }

  /// Cuts out a face in the same way at another size, as for training a network.
  ///
  /// - Parameters:
  ///   - height: Rows, 16 to 2048; an oblong chip is the middle of the square one of its longer side.
  ///   - width: Columns, 16 to 2048.
  /// - Throws: ``EngineError``: `invalidInput` when the face's landmarks cannot be aligned, `invalidOption`.
  public func chip(
    of face: DetectedFace, in image: RGBImage, height: Int, width: Int
  ) throws(EngineError) -> RGBImage {
    guard (16...2_048).contains(height), (16...2_048).contains(width) else {
      throw EngineError(
        .invalidOption, "A face is cut out with sides from 16 to 2048 pixels, not \(width) × \(height).")
    }
    return try aligned(face, in: image, height: height, width: width)
  }

  private func aligned(
    _ face: DetectedFace, in image: RGBImage, height: Int, width: Int
  ) throws(EngineError) -> RGBImage {
    guard face.scheme == aligner.scheme else {
      throw EngineError(
        .invalidInput,
        "The face has landmarks of the scheme \(face.scheme), and the engine aligns by \(aligner.scheme): detect it again."
      )
    }
    return try aligner.chip(of: face.landmarks, in: image, height: height, width: width)
  }
}
