internal import Foundation

/// Why a request was not done: the reply's status and its one JSON shape.
///
/// ```json
/// {"message": "No face was found; …", "code": 28, "error": "no-face", "request_id": "5f0c…"}
/// ```
/// `error` is for programs that know this service; `code` is CompreFace's number for the same mistake.
public struct HTTPFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The reply's status.
  public let status: Int
  /// A short word for the kind, such as `no-face`; it never changes.
  public let error: String
  /// CompreFace's number of the kind; 0 when it has none.
  public let number: Int
  /// One sentence that says what happened, and the remedy where one is known.
  public let message: String
  /// Seconds after which trying again makes sense.
  public let retryAfter: Int?
  /// The reply's `Allow`.
  let allowed: [HTTPMethod]

  /// A failure by its parts.
  public init(_ status: Int, _ error: String, _ message: String, number: Int = 0, retryAfter: Int? = nil) {
    self.init(status, error, message, number: number, retryAfter: retryAfter, allowed: [])
  }

  init(
    _ status: Int, _ error: String, _ message: String, number: Int, retryAfter: Int?, allowed: [HTTPMethod]
  ) {
    self.status = status
    self.error = error
    self.number = number
    self.message = message
    self.retryAfter = retryAfter
    self.allowed = allowed
  }

  /// 413: a body of more bytes than are taken.
  public static func tooLarge(_ limit: Int) -> HTTPFailure {
    HTTPFailure(
      413, "too-large", "The body has more than the \(limit) bytes that are taken here; send less at once.")
  }

  /// The message.
  public var description: String { message }

  private struct Shape: Encodable {
    let message: String
    let code: Int
    let error: String
    let requestID: String

    enum CodingKeys: String, CodingKey {
      case message, code, error
      case requestID = "request_id"
    }
  }

  /// The reply that tells it.
  public func response(requestID: String) -> HTTPResponse {
    let shape = Shape(message: message, code: number, error: error, requestID: requestID)
    var response =
      (try? HTTPResponse.json(shape, status: status)) ?? HTTPResponse(status: status)
    if let retryAfter { response.headers["Retry-After"] = String(retryAfter) }
    if !allowed.isEmpty {
      response.headers["Allow"] = allowed.map(\.rawValue).joined(separator: ", ")
    }
    if status == 401 { response.headers["WWW-Authenticate"] = "Bearer" }
    return response
  }
}
