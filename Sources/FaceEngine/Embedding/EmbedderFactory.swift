/// Makes embedders that share the weights of the first one.
///
/// Only what never changes is copied: any number of threads may do that at once, and while the embedders are at work.
struct EmbedderFactory: @unchecked Sendable {
  private let first: any FaceEmbedder

  /// A factory on an embedder whose weights are shared.
  init(_ first: any FaceEmbedder) { self.first = first }

  func make() throws(EngineError) -> any FaceEmbedder { try first.sharingWeights() }
}
