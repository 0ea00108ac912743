/// Our own API, under `/api/v1` beside CompreFace's paths; `openapi.json` describes it.
enum GalleryRoutes {
  static var all: [Route] { queries + people + faces + groups + review + upkeep + keys }
}
