/// Over which pictures of a face its embedding is averaged.
public enum FaceAveraging: String, Sendable, Hashable, Codable, CaseIterable {
  /// The aligned face alone, as the engine embeds it.
  case none
  /// Ten pictures, shifted by up to 2 % of the face's size and every other mirrored, seeded by the photo.
  case jitter

  /// What the pictures of a photo are drawn by: its name alone, so that an evaluation can be repeated.
  func seed(of fileName: String) -> UInt64 {
    // A type that wraps around: names of more than a dozen letters leave 64 bits.
    fileName.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
  }
}
