internal import CCurl
internal import Foundation

/// Posts what a ``Webhooks`` has to tell.
protocol WebhookSender: Sendable {
  /// Posts a body, and says with which status it was answered.
  ///
  /// - Throws: ``WebhookFailure`` when there was no answer.
  func post(_ body: Data, to url: String, headers: [String]) throws(WebhookFailure) -> Int
}

/// Why a post was not answered.
struct WebhookFailure: Error, CustomStringConvertible {
  let description: String
}

/// Posts by libcurl, on one connection that is kept open.
final class CurlSender: WebhookSender {
  private static let connectMilliseconds = 5_000
  private static let milliseconds = 10_000

  // Used by the one thread of a ``Webhooks``, and closed when nobody has it any more.
  private nonisolated(unsafe) let handle: OpaquePointer

  /// - Throws: ``WebhookFailure`` where there is no libcurl.
  init() throws(WebhookFailure) {
    var message = [CChar](repeating: 0, count: Int(FG_CURL_MESSAGE))
    guard let handle = fg_curl_open(&message) else { throw WebhookFailure(description: Self.text(message)) }
    self.handle = handle
  }

  deinit { fg_curl_close(handle) }

  func post(_ body: Data, to url: String, headers: [String]) throws(WebhookFailure) -> Int {
    var message = [CChar](repeating: 0, count: Int(FG_CURL_MESSAGE))
    var status = 0
    let code = Self.withCStrings(headers) { headers in
      body.withUnsafeBytes { body in
        fg_curl_post(
          handle, url, headers.baseAddress, headers.count, body.baseAddress, body.count,
          Self.connectMilliseconds,
          Self.milliseconds, &status, &message)
      }
    }
    guard code == 0 else { throw WebhookFailure(description: Self.text(message)) }
    return status
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer(body)
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
