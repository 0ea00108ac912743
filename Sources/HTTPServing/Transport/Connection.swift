internal import CEpoll
internal import Foundation
internal import Support

/// A client's connection: bytes become requests, which are answered one after the other.
///
/// Used by its loop only.
final class Connection {
  private enum State {
    case handshake
    /// A request may come, or its head is coming.
    case head
    /// The body of a request is coming.
    case body(Exchange)
    /// A request is at work.
    case working(Exchange)
    /// A reply is on its way; the exchange, if there is one, holds its place until it is gone.
    case replying(Exchange?, closes: Bool)
    /// Everything is said; what still comes is thrown away, so that the client reads the reply before it hears that the
    /// connection is closed.
    case lingering
    case closed
  }

  /// How long a client is listened to after its last reply.
  private static let lingering = Duration.seconds(2)

  let id: UInt64
  let descriptor: Int32
  let client: String
  private let core: ServerCore
  private let tls: TLSSession?
  /// Where replies of other threads go.
  private let loop: EventLoop

  private var state: State
  private var parser = RequestHeadParser()
  /// What was received and is not yet understood.
  private var input: ArraySlice<UInt8> = []
  private var output: [UInt8] = []
  private var sent = 0
  private var hasPeerEnded = false
  private var isBlockedForWriting = false
  /// By when the client has to have done its part; nil while the server is at work.
  private(set) var deadline: ContinuousClock.Instant?

  init?(_ id: UInt64, _ descriptor: Int32, client: String, _ core: ServerCore, _ loop: EventLoop) {
    self.id = id
    self.descriptor = descriptor
    self.client = client
    self.core = core
    self.loop = loop
    if let credentials = core.credentials {
      guard let session = TLSSession(descriptor, credentials) else { return nil }
      tls = session
      state = .handshake
      deadline = .now + core.receive
    } else {
      tls = nil
      state = .head
      deadline = .now + core.idle
    }
  }

  /// What the loop has to wait for.
  var interest: UInt32 {
    switch state {
    case .handshake: isBlockedForWriting ? fg_epoll_writable : fg_epoll_readable
    case .head, .body, .lingering: fg_epoll_readable
    case .working: hasPeerEnded ? 0 : fg_epoll_peer_ended
    case .replying: isBlockedForWriting ? fg_epoll_writable : fg_epoll_readable
    case .closed: 0
    }
  }

  var isClosed: Bool { if case .closed = state { true } else { false } }

  // MARK: What happens

  /// The socket became ready.
  func handle(_ events: UInt32) {
    if events & fg_epoll_broken != 0, case .working = state { return close() }
    switch state {
    case .handshake: shakeHands()
    case .head, .body, .lingering: receive()
    case .working: if events & fg_epoll_peer_ended != 0 { noteEnd() }
    case .replying:
      flush()
      process()
    case .closed: break
    }
  }

  /// The reply to the request at work; nil when nobody was to wait for it.
  func reply(_ response: HTTPResponse?) {
    guard case .working(let exchange) = state else { return }
    guard let response else { return close() }
    send(response, exchange, closes: !exchange.keepsConnection)
    process()
  }

  /// Closes when the client's time is up.
  func sweep(_ now: ContinuousClock.Instant) {
    if let deadline, deadline <= now { close() }
  }

  /// Ends the connection at once, and whatever is under way on it.
  func close() {
    switch state {
    case .body(let exchange): exchange.accepted.abandon()
    // Whoever works on it notes that it was abandoned.
    case .working(let exchange):
      exchange.cancellation.cancel()
      for queue in core.queues.values { queue.dropCancelled(of: exchange.accepted.place.owner) }
    case .handshake, .head, .replying, .lingering, .closed: break
    }
    state = .closed
    input = []
    output = []
  }

  // MARK: Receiving

  private func shakeHands() {
    switch tls?.handshake() {
    case .done, nil:
      isBlockedForWriting = false
      state = .head
      deadline = .now + core.idle
      if tls?.hasPending == true { receive() }
    case .blocked(let forWriting): isBlockedForWriting = forWriting
    case .ended: close()
    }
  }

  private func receive() {
    repeat {
      let room = EventLoop.bufferBytes
      var hasEnded = false
      let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = 0
        switch read(UnsafeMutableRawBufferPointer(buffer)) {
        case .done(let size): count = size
        case .blocked: break
        case .ended: hasEnded = true
        }
      }
      if hasEnded { return noteEnd() }
      if case .lingering = state { continue }
      input = input.isEmpty ? bytes[...] : input + bytes
      process()
      // Else an idle connection would hold on to the buffer.
      if input.isEmpty { input = [] }
    } while tls?.hasPending == true && interest == fg_epoll_readable
  }

  private func read(_ buffer: UnsafeMutableRawBufferPointer) -> TLSSession.Progress {
    if let tls { return tls.receive(into: buffer) }
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    if count > 0 { return .done(count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return .blocked(forWriting: false) }
    return .ended
  }

  /// The client sends nothing more.
  private func noteEnd() {
    switch state {
    case .working(let exchange) where !exchange.accepted.lane.takesUploads:
      // It may have closed one direction only, and the reply is there in a moment; else it has left.
      hasPeerEnded = true
      deadline = .now + core.halfClosed
    default: close()
    }
  }

  // MARK: Requests

  /// Makes what it can of the bytes that were received.
  private func process() {
    while true {
      switch state {
      case .head:
        guard !input.isEmpty else { return }
        if !parser.hasBegun { deadline = .now + core.receive }
        do throws(HTTPFailure) {
          guard let head = try parser.read(&input) else { return }
          begin(head)
        } catch {
          refuse(error, isHead: parser.isOfHEAD)
        }
      case .body(let exchange):
        do throws(HTTPFailure) {
          try exchange.read(&input)
        } catch {
          send(exchange.accepted.refuse(error), exchange, closes: true)
          continue
        }
        guard exchange.isComplete else { return }
        dispatch(exchange)
      case .handshake, .working, .replying, .lingering, .closed: return
      }
    }
  }

  private func begin(_ head: RequestHead) {
    guard let method = HTTPMethod(rawValue: head.method) else {
      let request = HTTPRequest(.get, head.target, headers: head.headers, client: client)
      let failure = HTTPFailure(501, "unknown-method", "The method is not known here; see the documentation.")
      return send(core.service.refuse(failure, request), nil, closes: true)
    }
    let request = HTTPRequest(method, head.target, headers: head.headers, client: client)
    switch core.service.admit(request) {
    case .answered(let response):
      // With a body still to come there is no telling where the next request begins.
      send(
        response, nil, closes: !head.keepsConnection || head.framing != .length(0), isHead: method == .head)
    case .accepted(let accepted):
      let exchange = Exchange(request, head.framing, keepsConnection: head.keepsConnection, accepted)
      state = .body(exchange)
      if head.expectsContinue, input.isEmpty {
        // It is the first thing on the connection since the last reply, so that it does not block.
        _ = write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)[...])
      }
    }
  }

  private func refuse(_ failure: HTTPFailure, isHead: Bool) {
    let request = HTTPRequest(isHead ? .head : .get, "", client: client)
    send(core.service.refuse(failure, request), nil, closes: true, isHead: isHead)
  }

  private func dispatch(_ exchange: Exchange) {
    let accepted = exchange.accepted
    let request = exchange.request
    do throws(HTTPFailure) {
      try accepted.place.beginWork()
    } catch {
      return send(accepted.refuse(error), exchange, closes: true)
    }
    state = .working(exchange)
    deadline = nil
    let owner = accepted.place.owner
    guard let queue = core.queues[accepted.lane.first] else {
      defer { accepted.place.endWork() }
      // What is answered on this thread changes nothing.
      guard case .done(let response) = accepted.respond(to: request) else { return close() }
      return send(response, exchange, closes: !exchange.keepsConnection)
    }
    let running = RunningRequest(
      connection: id, loop: loop, accepted: accepted, request: request, cancellation: exchange.cancellation)
    let changes = core.queues[.changes]
    guard accepted.lane.takesUploads, let first = core.queues[.reads] else {
      return queue.enqueue(
        for: owner, weight: 1 + request.body.count >> 16, cancellation: running.cancellation
      ) { running.work(in: queue, changes: changes) }
    }
    first.enqueue(for: owner, cancellation: running.cancellation) {
      if running.cancellation.isCancelled { return running.work(in: queue, changes: changes) }
      queue.enqueue(
        for: owner, weight: accepted.memory(for: request), cancellation: running.cancellation
      ) { running.work(in: queue, changes: changes) }
    }
  }

  // MARK: Replies

  private func send(_ response: HTTPResponse, _ exchange: Exchange?, closes: Bool, isHead: Bool = false) {
    let isHead = isHead || exchange?.request.method == .head
    let closes = closes || hasPeerEnded
    output = ReplyWriter.bytes(
      response, isHead: isHead, closes: closes, isSecure: tls != nil)
    sent = 0
    state = .replying(exchange, closes: closes)
    deadline = .now + core.receive
    flush()
  }

  private func flush() {
    guard case .replying(_, let closes) = state else { return }
    while sent < output.count {
      switch write(output[sent...]) {
      case .done(let count): sent += count
      case .blocked(let forWriting):
        isBlockedForWriting = forWriting
        return
      case .ended: return close()
      }
    }
    isBlockedForWriting = false
    output = []
    guard closes else {
      state = .head
      deadline = .now + core.idle
      return
    }
    guard !hasPeerEnded else { return close() }
    tls?.sendEnd()
    shutdown(descriptor, Int32(SHUT_WR))
    input = []
    state = .lingering
    deadline = .now + Self.lingering
  }

  private func write(_ bytes: ArraySlice<UInt8>) -> TLSSession.Progress {
    bytes.withUnsafeBytes { bytes in
      // A record of TLS; what was blocked has to be sent again in the same length.
      if let tls { return tls.send(UnsafeRawBufferPointer(rebasing: bytes.prefix(16_384))) }
      let count = Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .done(count) }
      return errno == EAGAIN || errno == EINTR ? .blocked(forWriting: true) : .ended
    }
  }
}
