/// Our own API, under `/api/v1` beside CompreFace's paths; `openapi.json` describes it.
enum GalleryRoutes {
  static var all: [Route] { queries + people + faces + upkeep }

  /// Most candidates that an answer may list.
  static let maximumCandidates = 1000
  /// Most embeddings in one request.
  static let maximumEmbeddings = 1000
}
