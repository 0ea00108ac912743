public import Foundation
internal import Support

/// A reply.
public struct HTTPResponse: Sendable {
  /// The status, such as 200.
  public var status: Int
  /// The header fields.
  public var headers: HTTPHeaders
  /// The body.
  public var body: Data

  /// A reply by its parts.
  public init(status: Int = 200, headers: HTTPHeaders = [:], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A reply with a value as JSON, by the rules of `JSONText`.
  public static func json(_ value: some Encodable, status: Int = 200) throws -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json"], body: try JSONText.data(value))
  }

  /// A reply in plain text, or in another type of text.
  public static func text(
    _ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200
  ) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": type], body: Data(text.utf8))
  }
}
