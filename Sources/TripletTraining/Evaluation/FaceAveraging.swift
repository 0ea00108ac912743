/// Over which pictures of a face its embedding is averaged.
public enum FaceAveraging: String, Sendable, Hashable, Codable, CaseIterable {
  /// The aligned face alone, as the engine embeds it.
  case none
  /// The face and its mirror image.
  case flip
  /// Ten pictures, shifted by up to 2 % of the face's size and every other mirrored, seeded by the photo.
  case jitter
}
