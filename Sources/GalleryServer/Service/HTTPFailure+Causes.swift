internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing

extension HTTPFailure {
  /// A failure for whatever a handler threw.
  init(cause: any Error) {
    self = cause as? HTTPFailure ?? Self.failure(of: cause)
  }

  /// The failure that a refused enrolment is.
  init(_ refusal: Refusal) {
    let number =
      switch refusal {
      case .noFace: 28
      case .severalFaces, .severalPeople: 31
      case .unreadable, .damaged: 21
      case .enrolledAs, .doubtful: 43
      // Of photos that came in a request nothing but memory is in the way.
      case .inaccessible, .engineFailure: 41
      case .tooSmall, .blurred, .turned, .invalidName, .noName: 26
      }
    let status =
      switch refusal {
      case .engineFailure: 500
      case .inaccessible: 503
      case .enrolledAs, .doubtful: 409
      default: 400
      }
    self.init(
      status, refusal.kind, refusal.description, number: number, retryAfter: status == 503 ? 5 : nil)
  }

  /// CompreFace's numbers of the same mistakes.
  private static let numbers = [
    "no-such-subject": 42, "no-such-image": 44, "bad-file": 26, "subject-exists": 43, "ambiguous-name": 26,
    "invalid-name": 26,
    "invalid-embedding": 37, "bad-parameter": 26, "threshold-needed": 26, "unreadable-photo": 21,
    "no-face": 28,
    "read-only": 32, "in-use": 27, "engine-failure": 41,
  ]

  private static func failure(of error: any Error) -> HTTPFailure {
    guard let found = ErrorClass(error) else {
      return HTTPFailure(500, "internal", "The service failed; its log says more.")
    }
    let status =
      switch found.kind {
      case .option, .input: 400
      case .notFound: 404
      case .conflict: 409
      case .forbidden: 403
      case .busy: 503
      case .diskFull: 507
      case .engine, .trouble: 500
      }
    // What a server's disk and folders are called is nobody's business but the log's.
    let message =
      switch found.kind {
      case .trouble where found.word == "outcome-unknown":
        "Whether the change was made is not known; look before you make it again."
      case .trouble: "The gallery is in trouble; the server's log says more."
      case .busy where found.word == "gallery-unavailable":
        "The database that keeps the gallery cannot be reached, and nothing was changed; queries are answered. Try again later."
      case .diskFull:
        "The server's disk is full, or a file has reached the greatest size allowed; make room there, or raise the limit, and try again."
      default: "\(error)"
      }
    return HTTPFailure(
      status, found.word, message, number: numbers[found.word] ?? 0,
      retryAfter: ["overloaded", "gallery-unavailable"].contains(found.word) ? 5 : nil)
  }
}
