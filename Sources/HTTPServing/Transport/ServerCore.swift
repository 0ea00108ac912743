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
  let maximumConnections: Int
  /// Connections that are open.
  let connections = Atomic(0)
  private let current: Mutex<TLSCredentials?>

  init(
    _ service: any HTTPService, queues: [Lane: WorkQueue], maximumConnections: Int,
    credentials: TLSCredentials?
  ) {
    self.service = service
    self.queues = queues
    self.maximumConnections = maximumConnections
    receive = .seconds(service.limits.receiveSeconds)
    idle = .seconds(service.limits.idleSeconds)
    current = Mutex(credentials)
  }

  /// The certificate of connections that are opened from now on; nil for plain HTTP.
  var credentials: TLSCredentials? {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
