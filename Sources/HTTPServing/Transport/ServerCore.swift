internal import Synchronization

/// What the connections of a server share.
final class ServerCore: Sendable {
  let service: any HTTPService
  /// The threads of each lane but the immediate one.
  let queues: [Lane: WorkQueue]
  /// How long a request, and the taking of its reply, may last.
  let receive: Duration
  /// How long a connection may be idle.
  let idle: Duration
  /// How long a client that sends nothing more is worked for.
  let halfClosed: Duration
  /// Connections that are open; an address has at most as many as are left for others.
  private let connections: Mutex<SharedBudget>
  private let current: Mutex<TLSCredentials?>

  init(
    _ service: any HTTPService, queues: [Lane: WorkQueue], maximumConnections: Int,
    credentials: TLSCredentials?
  ) {
    self.service = service
    self.queues = queues
    connections = Mutex(SharedBudget(capacity: maximumConnections))
    receive = .seconds(service.limits.receiveSeconds)
    idle = .seconds(service.limits.idleSeconds)
    halfClosed = .seconds(service.limits.halfClosedSeconds)
    current = Mutex(credentials)
  }

  /// How many connections are open.
  var connectionCount: Int { connections.withLock { $0.total } }

  /// Whether one more may be open.
  var isFull: Bool { connections.withLock { $0.total >= $0.capacity } }

  /// Counts a connection that was opened, unless its address has its part already.
  func admit(from client: String) -> Bool {
    connections.withLock { $0.take(1, for: Self.owner(client)) }
  }

  /// Counts a connection that was closed.
  func leave(from client: String) {
    connections.withLock { $0.give(1, from: Self.owner(client)) }
  }

  private static func owner(_ client: String) -> Owner {
    Owner(group: "", name: SocketAddress.network(of: client))
  }

  /// The certificate of connections that are opened from now on; nil for plain HTTP.
  var credentials: TLSCredentials? {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
