public import Foundation

/// A request, as received or as a test makes it.
public struct HTTPRequest: Sendable {
  /// What is to be done.
  public var method: HTTPMethod
  /// The path as it was sent: percent-encoded, without the query.
  public var path: String
  /// The query's parameters.
  public var query: QueryString
  /// The header fields.
  public var headers: HTTPHeaders
  /// The body; empty while only the head is known.
  public var body: Data
  /// Names the request in logs and in the reply's `X-Request-Id`.
  public var id: String
  /// The address of the client.
  public var client: String
  /// Whether a browser asks by it whether a page elsewhere may send a request (a preflight of CORS).
  public var isPreflight: Bool {
    method == .options && headers["Origin"] != nil && headers["Access-Control-Request-Method"] != nil
  }

  /// The files that were taken out of the body so far, so that it is read once.
  let takenFiles = TakenFiles()

  /// A request for a target such as `/api/v1/recognition/faces?page=1`.
  ///
  /// A client's `X-Request-Id` is taken over when it is 1…64 letters, digits, dots, dashes and underscores.
  public init(
    _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: Data = Data(),
    client: String = ""
  ) {
    self.method = method
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    query = parts.count > 1 ? QueryString(String(parts[1])) : QueryString()
    self.headers = headers
    self.body = body
    self.client = client
    id = RequestID.accepted(headers["X-Request-Id"]) ?? RequestID.fresh()
  }
}
