internal import FaceGallery
internal import HTTPServing

extension HTTPFailure {
  /// A failure for whatever a handler threw.
  init(cause: any Error) {
    switch cause {
    case let failure as HTTPFailure: self = failure
    case let error as GalleryError: self = Self.failure(of: error)
    case let error as EngineError: self = Self.failure(of: error)
    case let error as ImageError: self.init(400, "unreadable-photo", error.message, number: 21)
    default: self.init(500, "internal", "The service failed; its log says more.")
    }
  }

  /// The failure that a refused enrolment is.
  init(_ refusal: Refusal) {
    let number =
      switch refusal {
      case .noFace: 28
      case .severalFaces: 31
      case .unreadable: 21
      case .enrolledAs: 43
      case .engineFailure: 41
      case .tooSmall, .blurred, .turned, .invalidName: 26
      }
    let status =
      switch refusal {
      case .engineFailure: 500
      case .enrolledAs: 409
      default: 400
      }
    self.init(status, refusal.kind, refusal.description, number: number)
  }

  private static func failure(of error: GalleryError) -> HTTPFailure {
    let (status, word, number): (Int, String, Int) =
      switch error.code {
      case .noSuchPerson: (404, "no-such-subject", 42)
      case .noSuchFace: (404, "no-such-image", 44)
      case .noSuchGroup: (404, "no-such-group", 0)
      case .nothingToUndo: (404, "nothing-to-undo", 0)
      case .unreadableFile, .truncatedFile, .wrongShape, .wrongPair: (400, "bad-file", 26)
      case .nameTaken: (400, "subject-exists", 43)
      case .invalidName: (400, "invalid-name", 26)
      case .invalidEmbedding: (400, "invalid-embedding", 37)
      case .invalidArgument: (400, "bad-parameter", 26)
      case .thresholdNeeded: (400, "threshold-needed", 26)
      case .unreadablePhoto: (400, "unreadable-photo", 21)
      case .noFace: (400, "no-face", 28)
      case .readOnly: (403, "read-only", 32)
      case .diskFull: (507, "disk-full", 0)
      case .inUse: (503, "in-use", 27)
      case .closed: (503, "stopping", 0)
      case .engineFailure: (500, "engine-failure", 41)
      case .engineNeeded, .engineMismatch: (409, "engine-mismatch", 0)
      case .notFound, .notAGallery, .newerVersion, .damaged, .permissionDenied, .indexNotSaved, .storage:
        (500, "gallery-trouble", 0)
      }
    // What a server's disk and folders are called is nobody's business but the log's.
    let message =
      status == 500 && word == "gallery-trouble"
      ? "The gallery is in trouble; the server's log says more." : error.message
    return HTTPFailure(status, word, message, number: number)
  }

  private static func failure(of error: EngineError) -> HTTPFailure {
    switch error.code {
    case .invalidInput: HTTPFailure(400, "unreadable-photo", error.message, number: 21)
    case .invalidEmbedding: HTTPFailure(400, "invalid-embedding", error.message, number: 37)
    case .invalidOption: HTTPFailure(400, "bad-parameter", error.message, number: 26)
    case .outOfMemory: HTTPFailure(503, "overloaded", error.message, retryAfter: 5)
    default: HTTPFailure(500, "engine-failure", error.message, number: 41)
    }
  }
}
