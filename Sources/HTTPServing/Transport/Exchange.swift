internal import CMicroHTTPD
internal import Foundation
internal import Synchronization

/// A request and its reply on a connection, from the request line to the last byte.
///
/// The HTTP thread of the connection uses it until the request is complete, then one thread of a lane while the
/// connection is suspended, then the HTTP thread again.
final class Exchange: @unchecked Sendable {
  let target: String
  var accepted: (any AcceptedRequest)?
  var head: HTTPRequest?
  var body = Data()
  var isBodyTooLarge = false
  var isDispatched = false
  var isReplied = false
  private let reply = Mutex<HTTPResponse?>(nil)

  init(target: String) { self.target = target }

  /// The reply of a lane's thread, once.
  func takeReply() -> HTTPResponse? { reply.withLock { $0.take() } }

  func setReply(_ response: HTTPResponse) { reply.withLock { $0 = response } }

  /// Queues a reply; false when the connection is beyond it.
  func send(_ response: HTTPResponse, to connection: OpaquePointer, closing: Bool = false) -> Bool {
    isReplied = true
    var response = response
    if closing { response.headers["Connection"] = "close" }
    let texts = response.headers.fields.flatMap { [$0.name, $0.value] }
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer($0) }
    return response.body.withUnsafeBytes { bytes in
      pointers.withUnsafeBufferPointer { headers in
        fg_http_reply(
          connection, UInt32(response.status), bytes.baseAddress, bytes.count, headers.baseAddress,
          headers.count / 2)
          == 1
      }
    }
  }
}
