internal import FaceGallery
internal import HTTPServing

/// What CompreFace's clients ask before they have a key: whether it is well, and what it takes.
enum CompreFaceStatusRoutes {
  static var all: [Route] {
    [
      Route(.get, "/api/v1/consistence/status", access: .anyone, lane: .readiness) { call in
        // There are no faces for demonstration, and a gallery is not opened with an engine that is not its own.
        let answer: [String: Value] = [
          "demoFaceCollectionIsInconsistent": .flag(false), "dbIsInconsistent": .flag(false),
          "saveImagesToDB": .flag(call.service.settings.keepThumbnails),
          "status": .state(State(call.service)),
        ]
        return try .json(answer)
      },
      Route(.get, "/api/v1/config", access: .anyone, lane: .immediate) { call in
        let bytes = call.service.limits.uploadBytes
        return try .json(["clientMaxFileSize": bytes, "clientMaxBodySize": bytes])
      },
      Route(.get, "/admin/status", access: .anyone, lane: .readiness) { call in
        try .json(Health(status: State(call.service)))
      },
    ]
      // Its core by itself, and behind the proxy of its front end.
      + ["", "/core"].flatMap { root in
        [
          Route(.get, "\(root)/healthcheck", access: .anyone, lane: .immediate) { _ in
            try .json(Health(status: .ok))
          },
          Route(.get, "\(root)/status", access: .anyone, lane: .readiness) { call in
            let engine = call.service.galleries.first?.gallery.engine
            return try .json(
              Core(
                status: State(call.service), calculator_version: engine?.fingerprint.network,
                available_plugins: engine.map(CompreFacePlugin.versions) ?? [:]))
          },
        ]
      }
  }

  private enum State: String, Encodable {
    case ok = "OK"
    case notReady = "NOT_READY"

    init(_ service: GalleryService) {
      do throws(HTTPFailure) {
        try OperationRoutes.checkReady(service)
        self = .ok
      } catch {
        self = .notReady
      }
    }
  }

  private struct Health: Encodable { let status: State }

  /// A member of an answer whose names are CompreFace's own, which are in no snake_case: a key of a dictionary stays as it is.
  private enum Value: Encodable {
    case flag(Bool)
    case state(State)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .flag(let flag): try container.encode(flag)
      case .state(let state): try container.encode(state)
      }
    }
  }

  private struct Core: Encodable {
    let status: State
    let calculator_version: String?
    let available_plugins: [String: String]
  }
}
