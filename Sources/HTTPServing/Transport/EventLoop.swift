internal import CEpoll
internal import Foundation
internal import Support
internal import Synchronization

/// A thread that moves the bytes of its connections, by epoll.
///
/// It never waits for anything but its sockets: requests are judged on it, which takes microseconds, and answered by other
/// threads, which post the replies.
final class EventLoop: @unchecked Sendable {
  enum Message: Sendable {
    /// The reply to the request at work on a connection; nil when nobody waits for it.
    case reply(UInt64, HTTPResponse?)
    /// Take no further connection.
    case close(Countdown)
    /// End.
    case stop(Countdown)
  }

  /// As many bytes are received at once.
  static let bufferBytes = 64 << 10
  private static let wakeUpID: UInt64 = 0
  private static let listenerID: UInt64 = 1
  /// How often connections are looked over whose time is up.
  private static let sweepInterval = Duration.milliseconds(250)
  /// How often the log says that connections were refused.
  private static let noteInterval = Duration.seconds(60)

  private let core: ServerCore
  private let epoll: Int32
  private let wakeUp: Int32
  private let listener: Int32
  // Nil when the loop has ended.
  private let mailbox = Mutex<[Message]?>([])

  // Used by the loop's thread only.
  private var connections: [UInt64: (connection: Connection, interest: UInt32)] = [:]
  private var lastID = EventLoop.listenerID
  private var isListening = false
  private var isAccepting = true
  /// Until when no connection is taken since there was no descriptor or memory for one.
  private var pause = ContinuousClock.now
  private var isStopped = false
  /// Connections that were closed since the last note of it.
  private var refused = 0
  private var noted: ContinuousClock.Instant?

  /// Starts a loop.
  ///
  /// - Parameters:
  ///   - core: What it shares with others.
  ///   - listener: The socket whose connections it takes; it stays the caller's.
  /// - Throws: ``ServerError`` `unavailable`.
  init(_ core: ServerCore, listener: Int32) throws(ServerError) {
    self.core = core
    self.listener = listener
    epoll = fg_epoll_create()
    wakeUp = fg_event_create()
    guard epoll >= 0, wakeUp >= 0, fg_epoll_set(epoll, wakeUp, Self.wakeUpID, fg_epoll_readable, 1) == 0,
      WorkerThread.start("http", { [self] in run() })
    else {
      throw ServerError(.unavailable, "The system lets no further file or thread be made for a server.")
    }
  }

  deinit {
    if epoll >= 0 { Foundation.close(epoll) }
    if wakeUp >= 0 { Foundation.close(wakeUp) }
  }

  /// Gives the loop something to do; nothing happens when it has ended.
  func post(_ message: Message) {
    let isFirst = mailbox.withLock { messages in
      messages?.append(message)
      return messages?.count == 1
    }
    guard isFirst else { return }
    var one: UInt64 = 1
    write(wakeUp, &one, 8)
  }

  // MARK: The loop

  private func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    var swept = ContinuousClock.now
    while !isStopped {
      let count = epoll_wait(epoll, &events, Int32(events.count), 250)
      guard count >= 0 || errno == EINTR else { break }
      for event in events.prefix(Int(max(0, count))) {
        switch event.data.u64 {
        case Self.wakeUpID:
          var number: UInt64 = 0
          read(wakeUp, &number, 8)
        case Self.listenerID: accept()
        case let id: handle(id) { $0.handle(event.events) }
        }
      }
      let messages = mailbox.withLock { messages in
        defer { messages = [] }
        return messages ?? []
      }
      for message in messages { handle(message) }
      let now = ContinuousClock.now
      if now - swept >= Self.sweepInterval {
        swept = now
        for id in connections.keys { handle(id) { $0.sweep(now) } }
        noteRefused(now)
      }
      listen(isAccepting && pause <= now && !core.isFull)
    }
    for id in connections.keys { handle(id) { $0.close() } }
    let messages = mailbox.withLock { messages in
      defer { messages = nil }
      return messages ?? []
    }
    for message in messages { if case .stop(let pending) = message { pending.subtract() } }
  }

  private func handle(_ message: Message) {
    switch message {
    case .reply(let id, let response): handle(id) { $0.reply(response) }
    case .close(let pending):
      isAccepting = false
      listen(false)
      pending.subtract()
    case .stop(let pending):
      isStopped = true
      for id in connections.keys { handle(id) { $0.close() } }
      pending.subtract()
    }
  }

  /// Does something with a connection, and then what it needs of the loop.
  private func handle(_ id: UInt64, _ body: (Connection) -> Void) {
    guard let (connection, interest) = connections[id] else { return }
    body(connection)
    if connection.isClosed {
      connections[id] = nil
      // Closing a descriptor takes it out of epoll.
      Foundation.close(connection.descriptor)
      core.leave(from: connection.client)
    } else if connection.interest != interest {
      connections[id]?.interest = connection.interest
      fg_epoll_set(epoll, connection.descriptor, id, connection.interest, 0)
    }
  }

  // MARK: New connections

  /// Says in the log, now and then, that addresses have had as many connections as they may.
  private func noteRefused(_ now: ContinuousClock.Instant) {
    guard refused > 0, noted.map({ now - $0 >= Self.noteInterval }) ?? true else { return }
    core.service.note(
      "connections-refused",
      "\(refused) connections were closed since their addresses have as many as they may.")
    (refused, noted) = (0, now)
  }

  /// Watches the listener, or does not: while there are as many connections as may be, others wait in the system's queue.
  private func listen(_ isWanted: Bool) {
    guard isWanted != isListening else { return }
    if isWanted {
      isListening =
        fg_epoll_set(epoll, listener, Self.listenerID, fg_epoll_readable | fg_epoll_one_waiter, 1) == 0
    } else {
      fg_epoll_remove(epoll, listener)
      isListening = false
    }
  }

  private func accept() {
    // Some at a time, so that those who are here are served meanwhile.
    for _ in 0..<64 {
      guard isListening else { return }
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.accept(listener, $0, &length)
        }
      }
      guard descriptor >= 0 else {
        if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
          pause = .now + Self.sweepInterval
          listen(false)
        }
        return
      }
      add(descriptor, client: SocketAddress.text(of: address))
      if core.isFull { listen(false) }
    }
  }

  private func add(_ descriptor: Int32, client: String) {
    guard core.admit(from: client) else {
      refused += 1
      Foundation.close(descriptor)
      return
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    lastID += 1
    guard let connection = Connection(lastID, descriptor, client: client, core, self),
      fg_epoll_set(epoll, descriptor, lastID, connection.interest, 1) == 0
    else {
      core.leave(from: client)
      Foundation.close(descriptor)
      return
    }
    connections[lastID] = (connection, connection.interest)
  }
}
