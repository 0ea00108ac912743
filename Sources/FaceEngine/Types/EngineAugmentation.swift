/// Which pictures of a face are embedded; an embedding is their sum at unit length.
public enum EngineAugmentation: String, Sendable, Hashable, Codable, CaseIterable {
  /// The aligned face as it is.
  case none
  /// The aligned face and its mirror image: twice the network's work.
  case flip
}
