internal import CMicroHTTPD
internal import Foundation
internal import Synchronization

/// A service on a socket, by libmicrohttpd: epoll, a few threads for all connections.
///
/// The HTTP threads only move bytes. A complete request suspends its connection and is answered by a thread of its
/// route's lane, so that store and engine never hold up a socket.
public final class HTTPServer: @unchecked Sendable {
  /// The port it listens at.
  public let port: Int
  let service: any HTTPService
  let connections: ConnectionTable
  private let storeLane: WorkLane
  private let photoLane: WorkLane
  // Written once in `init` and once in `stop`, both by their caller.
  private var daemon: OpaquePointer?
  private let box: Unmanaged<ServerBox>
  private let isStopped = Mutex(false)

  /// Starts a server.
  ///
  /// - Throws: ``ServerError``.
  public init(_ service: any HTTPService, _ settings: ServerSettings = ServerSettings()) throws(ServerError) {
    self.service = service
    let limits = service.limits
    connections = ConnectionTable(receiveSeconds: limits.receiveSeconds, idleSeconds: limits.idleSeconds)
    storeLane = WorkLane("store", threads: settings.storeThreads)
    photoLane = WorkLane("photos", threads: settings.photoThreads)
    let address = try SocketAddress(host: settings.host, port: settings.port)
    let (certificate, key) = try Self.pem(settings.tls)
    let files = Int(fg_raise_file_limit())
    // The context is needed before `self` is complete.
    let box = Unmanaged.passRetained(ServerBox())
    self.box = box
    errno = 0
    let daemon = address.withPointer { pointer -> OpaquePointer? in
      func start(_ certificate: UnsafePointer<CChar>?, _ key: UnsafePointer<CChar>?) -> OpaquePointer? {
        var options = fg_http_options(
          address: pointer, certificate: certificate, key: key, threads: UInt32(max(1, settings.httpThreads)),
          connections: UInt32(max(1, min(limits.connections, files - 256))),
          idle_seconds: UInt32(max(1, limits.idleSeconds)), connection_memory: 32 << 10)
        return fg_http_start(
          &options, handleRequest, beginExchange, completeExchange, noteConnection, box.toOpaque())
      }
      guard let certificate, let key else { return start(nil, nil) }
      return certificate.withCString { certificate in key.withCString { start(certificate, $0) } }
    }
    guard let daemon else {
      let reason = errno
      box.release()
      storeLane.stop()
      photoLane.stop()
      port = 0
      let place = "\(settings.host), port \(settings.port)"
      switch reason {
      case EADDRINUSE:
        throw ServerError(
          .unavailable, "Another program listens at \(place); stop it, or choose another port.")
      case EACCES:
        throw ServerError(.unavailable, "This user may not listen at \(place); choose a port from 1024 up.")
      case EADDRNOTAVAIL:
        throw ServerError(.badAddress, "\(settings.host) is no address of this machine.")
      default:
        throw settings.tls == nil
          ? ServerError(.unavailable, "No server can be started at \(place).")
          : ServerError(
            .badCertificate, "No server can be started at \(place) with this certificate and key.")
      }
    }
    self.daemon = daemon
    port = Int(fg_http_port(daemon))
    box.takeUnretainedValue().server.withLock { $0 = self }
    let sweeper = Thread { [weak self] in
      while let connections = self?.connections, self?.isStopped.withLock({ $0 }) == false {
        connections.sweep()
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
    sweeper.name = "sweeper"
    sweeper.start()
    service.note("started", "\(settings.tls == nil ? "http" : "https")://\(settings.host):\(port)")
  }

  /// Stops: takes no further connection or request, and finishes what runs.
  ///
  /// A request that has not arrived when the time of grace is over, or whose client does not take the reply, is cut off.
  ///
  /// - Returns: Whether all work was finished in time; if not, the threads at work are left to themselves and the
  ///   process should end.
  @discardableResult
  public func stop() -> Bool {
    guard
      !isStopped.withLock({ stopped in
        defer { stopped = true }; return stopped
      }), let daemon
    else { return true }
    service.note("stopping", nil)
    let listener = MHD_quiesce_daemon(daemon)
    let isDone =
      service.occupancy.close(within: service.limits.graceSeconds) || service.occupancy.cut()
    if listener >= 0 { close(listener) }
    guard isDone else {
      service.note("stopped", "Some requests did not finish in time.")
      return false
    }
    MHD_stop_daemon(daemon)
    self.daemon = nil
    box.takeUnretainedValue().server.withLock { $0 = nil }
    box.release()
    storeLane.stop()
    photoLane.stop()
    service.note("stopped", nil)
    return true
  }

  /// How many connections are open.
  public var connectionCount: Int { connections.count }

  private static func pem(_ tls: ServerSettings.TLS?) throws(ServerError) -> (String?, String?) {
    guard let tls else { return (nil, nil) }
    func read(_ url: URL) throws(ServerError) -> String {
      guard let text = try? String(contentsOf: url, encoding: .utf8), text.contains("-----BEGIN ") else {
        throw ServerError(
          .badCertificate,
          "\(url.path(percentEncoded: false)) cannot be read as PEM; give the files of certificate and key.")
      }
      return text
    }
    return (try read(tls.certificate), try read(tls.key))
  }

  // MARK: The life of a request

  func handle(
    _ exchange: Exchange, _ connection: OpaquePointer, method: String, upload: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>
  ) -> Bool {
    guard let head = exchange.head else {
      return begin(exchange, connection, method: method)
    }
    if size.pointee > 0 {
      receive(exchange, upload, size.pointee)
      size.pointee = 0
      return true
    }
    if let reply = exchange.takeReply() {
      connections.isTransferring(connection)
      return exchange.send(reply, to: connection)
    }
    guard let accepted = exchange.accepted, !exchange.isDispatched else { return false }
    exchange.isDispatched = true
    connections.isWorking(connection)
    if exchange.isBodyTooLarge {
      return exchange.send(accepted.refuse(.tooLarge(accepted.maximumBody)), to: connection, closing: true)
    }
    var request = head
    request.body = exchange.body
    exchange.body = Data()
    switch accepted.lane {
    case .immediate: return exchange.send(accepted.respond(to: request), to: connection)
    case .store: return dispatch(exchange, connection, request, accepted, to: storeLane)
    case .photos: return dispatch(exchange, connection, request, accepted, to: photoLane)
    }
  }

  private func begin(_ exchange: Exchange, _ connection: OpaquePointer, method: String) -> Bool {
    var headers = HTTPHeaders()
    withUnsafeMutablePointer(to: &headers) { pointer in
      fg_http_headers(connection, collectHeader, pointer)
    }
    let client = SocketAddress.text(of: fg_http_peer(connection))
    guard let method = HTTPMethod(rawValue: method) else {
      let request = HTTPRequest(.get, exchange.target, headers: headers, client: client)
      exchange.head = request
      return exchange.send(service.refuseMethod(of: request), to: connection, closing: true)
    }
    let head = HTTPRequest(method, exchange.target, headers: headers, client: client)
    exchange.head = head
    switch service.admit(head) {
    case .accepted(let accepted):
      exchange.accepted = accepted
      return true
    case .refused(let response):
      // With a body still to come there is no telling where the next request begins.
      let hasBody =
        head.headers["Transfer-Encoding"] != nil || (Int(head.headers["Content-Length"] ?? "0") ?? 1) > 0
      return exchange.send(response, to: connection, closing: hasBody)
    }
  }

  private func receive(_ exchange: Exchange, _ bytes: UnsafePointer<CChar>?, _ count: Int) {
    guard let bytes, let accepted = exchange.accepted, !exchange.isBodyTooLarge else { return }
    guard exchange.body.count + count <= accepted.maximumBody else {
      exchange.isBodyTooLarge = true
      exchange.body = Data()
      return
    }
    if exchange.body.isEmpty, let length = Int(exchange.head?.headers["Content-Length"] ?? "") {
      exchange.body.reserveCapacity(min(length, 1 << 20))
    }
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) { exchange.body.append($0, count: count) }
  }

  private func dispatch(
    _ exchange: Exchange, _ connection: OpaquePointer, _ request: HTTPRequest,
    _ accepted: any AcceptedRequest,
    to lane: WorkLane
  ) -> Bool {
    do throws(HTTPFailure) {
      try service.occupancy.beginWork()
    } catch {
      return exchange.send(accepted.refuse(error), to: connection, closing: true)
    }
    MHD_suspend_connection(connection)
    let address = UInt(bitPattern: connection)
    lane.enqueue { [service] in
      exchange.setReply(accepted.respond(to: request))
      MHD_resume_connection(OpaquePointer(bitPattern: address))
      service.occupancy.endWork()
    }
    return true
  }

  func finish(_ exchange: Exchange, _ connection: OpaquePointer) {
    connections.isIdle(connection)
    if !exchange.isReplied, !exchange.isDispatched { exchange.accepted?.abandon() }
    // The place is free from here on, even if somebody holds on to the exchange.
    exchange.accepted = nil
  }
}

/// What the C callbacks are given.
final class ServerBox: Sendable {
  let server = Mutex<HTTPServer?>(nil)
}

private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer? {
  guard let context else { return nil }
  return Unmanaged<ServerBox>.fromOpaque(context).takeUnretainedValue().server.withLock { $0 }
}

private func beginExchange(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let target, let connection, let server = server(context) else { return nil }
  server.connections.isTransferring(connection)
  return Unmanaged.passRetained(Exchange(target: String(cString: target))).toOpaque()
}

private func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ size: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let connection, let method, let size, let pointer = state?.pointee, let server = server(context)
  else {
    return fg_http_no
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  let isDone = server.handle(
    exchange, connection, method: String(cString: method), upload: upload, size: size)
  return isDone ? fg_http_yes : fg_http_no
}

private func completeExchange(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  guard let pointer = state?.pointee else { return }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
  state?.pointee = nil
  if let connection, let server = server(context) { server.finish(exchange, connection) }
}

private func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let connection, let server = server(context) else { return }
  if event == fg_http_connected {
    server.connections.opened(connection)
  } else {
    server.connections.closed(connection)
  }
}

private func collectHeader(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context, let name else { return fg_http_yes }
  context.assumingMemoryBound(to: HTTPHeaders.self).pointee.add(
    String(cString: name), value.map { String(cString: $0) } ?? "")
  return fg_http_yes
}
