internal import Foundation

/// Replies as they go over the wire.
enum ReplyWriter {
  static func bytes(_ response: HTTPResponse, isHead: Bool, closes: Bool, isSecure: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(response.status) \(reason(response.status))\r\n"
    for field in response.headers.fields {
      text += "\(plain(field.name)): \(plain(field.value))\r\n"
    }
    text += "Date: \(date())\r\n"
    // A reply that never has a body says nothing of its length (RFC 9110, 8.6).
    if response.status != 204 { text += "Content-Length: \(response.body.count)\r\n" }
    // A year: browsers then come by HTTPS only.
    if isSecure { text += "Strict-Transport-Security: max-age=31536000\r\n" }
    text += closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n"
    var bytes = Array(text.utf8)
    if !isHead { bytes += response.body }
    return bytes
  }

  /// Without control characters, which would begin a line or a reply of their own.
  private static func plain(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
    return String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? Byte.space : $0 }, as: UTF8.self)
  }

  /// The time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func date() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[Int(parts.tm_wday) % 7]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon) % 12]) "
      + "\(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: ""
    }
  }
}
