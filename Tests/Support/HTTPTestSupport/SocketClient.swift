package import Foundation
package import HTTPServing

/// A client that sends what it is told, byte by byte where that is wanted.
package final class SocketClient {
  package struct Broken: Error, CustomStringConvertible { package let description: String }

  private let descriptor: Int32
  private var buffer = Data()

  /// Connects to a port of this machine, from one of its addresses if that is given.
  package init(port: Int, timeout: Int = 60, from own: String? = nil) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    if let own {
      var source = sockaddr_in()
      source.sin_family = sa_family_t(AF_INET)
      inet_pton(AF_INET, own, &source.sin_addr)
      let status = withUnsafePointer(to: source) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard status == 0 else { throw Broken(description: "bind: \(errno)") }
    }
    var time = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Broken(description: "connect: \(errno)") }
  }

  deinit { close(descriptor) }

  /// Sends a whole request and reads the reply.
  package func send(_ method: String, _ target: String, headers: HTTPHeaders = [:], body: Data = Data())
    throws
    -> HTTPResponse
  {
    try write(Self.head(method, target, headers: headers, length: body.isEmpty ? nil : body.count) + body)
    return try read(hasBody: method != "HEAD")
  }

  package static func head(_ method: String, _ target: String, headers: HTTPHeaders = [:], length: Int? = nil)
    -> Data
  {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
    for field in headers.fields { text += "\(field.name): \(field.value)\r\n" }
    if let length { text += "Content-Length: \(length)\r\n" }
    return Data((text + "\r\n").utf8)
  }

  package func write(_ data: Data) throws {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Broken(description: "send: \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// Whether the server has closed the connection; waits for it.
  package func isClosed() -> Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, 0)
    return count == 0 || count < 0 && errno != EAGAIN
  }

  /// Reads a reply.
  package func read(hasBody: Bool = true) throws -> HTTPResponse {
    let blank = Data("\r\n\r\n".utf8)
    while buffer.range(of: blank) == nil { try fill() }
    guard let end = buffer.range(of: blank) else { throw Broken(description: "no head") }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { throw Broken(description: String(lines[0])) }
    var headers = HTTPHeaders()
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      headers.add(parts[0], parts.count > 1 ? parts[1] : "")
    }
    buffer = Data(buffer[end.upperBound...])
    guard hasBody, status != 100, let length = Int(headers["Content-Length"] ?? "0") else {
      return HTTPResponse(status: status, headers: headers)
    }
    while buffer.count < length { try fill() }
    defer { buffer = Data(buffer.dropFirst(length)) }
    return HTTPResponse(status: status, headers: headers, body: Data(buffer.prefix(length)))
  }

  /// Reads replies until the server closes the connection.
  ///
  /// - Throws: ``Broken`` when it does not in time, or sends what is no reply.
  package func readAll() throws -> [HTTPResponse] {
    var replies: [HTTPResponse] = []
    while true {
      if buffer.isEmpty {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Broken(description: "not closed: \(errno)") }
        if count == 0 { return replies }
        buffer += Data(bytes[..<count])
      }
      replies.append(try read())
    }
  }

  /// Says that nothing more is sent.
  package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func fill() throws {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { throw Broken(description: count == 0 ? "closed" : "recv: \(errno)") }
    buffer += Data(bytes[..<count])
  }
}
