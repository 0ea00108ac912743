internal import Foundation
internal import Support
internal import Synchronization

/// A service on a socket: epoll, a few threads for all connections.
///
/// These threads only move bytes, and judge heads of requests. A complete request is answered by a thread of its lane, so
/// that what reads and computes never holds up a socket; the lanes take the work of different owners in turns.
public final class HTTPServer: Sendable {
  /// The port it listens at.
  public let port: Int
  private let settings: ServerSettings
  private let core: ServerCore
  private let loops: [EventLoop]
  private let listener: Int32
  private let isStopped = Mutex(false)

  /// Starts a server.
  ///
  /// - Throws: ``ServerError``.
  public init(_ service: any HTTPService, _ settings: ServerSettings = ServerSettings()) throws(ServerError) {
    self.settings = settings
    let shown = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    let address = try SocketAddress(host: settings.host, port: settings.port)
    var credentials: TLSCredentials?
    if let tls = settings.tls { credentials = try TLSCredentials(tls) }
    let files = Self.raiseFileLimit()
    core = ServerCore(
      service, queues: try Self.startQueues(settings),
      maximumConnections: max(1, min(service.limits.connections, files - 256)), credentials: credentials)
    var loops: [EventLoop] = []
    var listener: Int32 = -1
    do throws(ServerError) {
      listener = try address.listen(as: "\(shown):\(settings.port)")
      for _ in 0..<max(1, settings.httpThreads) { loops.append(try EventLoop(core, listener: listener)) }
    } catch {
      Self.end(loops, core)
      if listener >= 0 { close(listener) }
      throw error
    }
    self.loops = loops
    self.listener = listener
    port = SocketAddress.port(of: listener)
    service.note("started", "\(settings.tls == nil ? "http" : "https")://\(shown):\(port)")
  }

  /// Takes the certificate and its key from their files again, for connections that are opened from now on.
  ///
  /// - Throws: ``ServerError`` `badCertificate`; then those from before stay.
  public func reloadCertificate() throws(ServerError) {
    guard let tls = settings.tls else { return }
    core.credentials = try TLSCredentials(tls)
    core.service.note("certificate", "The certificate was read again.")
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
      })
    else { return true }
    let service = core.service
    service.note("stopping", nil)
    Self.post(to: loops) { .close($0) }
    close(listener)
    guard service.occupancy.close(within: service.limits.graceSeconds) || service.occupancy.cut() else {
      service.note("stopped", "Some requests did not finish in time.")
      return false
    }
    Self.end(loops, core)
    service.note("stopped", nil)
    return true
  }

  /// How many connections are open.
  public var connectionCount: Int { core.connectionCount }

  private static func end(_ loops: [EventLoop], _ core: ServerCore) {
    post(to: loops) { .stop($0) }
    for queue in core.queues.values { queue.stop() }
  }

  /// The threads of each lane but the immediate one.
  private static func startQueues(_ settings: ServerSettings) throws(ServerError) -> [Lane: WorkQueue] {
    var queues: [Lane: WorkQueue] = [:]
    do throws(ServerError) {
      queues[.readiness] = try WorkQueue("readiness", threads: 1)
      queues[.reads] = try sharedQueue("reads", threads: settings.readThreads)
      // One job of a group writes at a time, while the next is made ready. Who waits for a writer that never ends holds
      // no more threads than that.
      queues[.changes] = try WorkQueue("changes", threads: settings.changeThreads, groupLimit: 2)
      queues[.uploads] = try sharedQueue(
        "uploads", threads: settings.uploadThreads, capacity: settings.uploadMemory)
      queues[.upkeep] = try WorkQueue("upkeep", threads: settings.upkeepThreads, groupLimit: 1)
    } catch {
      for queue in queues.values { queue.stop() }
      throw error
    }
    return queues
  }

  /// Threads of which an owner has half at most and a group three quarters, so that others find one at once.
  private static func sharedQueue(
    _ name: String, threads: Int, capacity: Int = .max
  ) throws(ServerError) -> WorkQueue {
    try WorkQueue(
      name, threads: threads, capacity: capacity, groupLimit: threads * 3 / 4, ownerLimit: threads / 2)
  }

  /// Posts a message to each loop, and waits until it has been followed.
  private static func post(to loops: [EventLoop], _ message: (Countdown) -> EventLoop.Message) {
    let pending = Countdown()
    for loop in loops {
      pending.add()
      loop.post(message(pending))
    }
    pending.wait()
  }

  /// Lets the process open as many files as it may; gives how many.
  private static func raiseFileLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    var raised = limit
    raised.rlim_cur = limit.rlim_max
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    return Int(clamping: limit.rlim_cur)
  }
}
