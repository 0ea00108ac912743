internal import CMicroHTTPD
internal import Foundation
internal import Synchronization

/// The connections with the moment by which each has to have sent its request, or taken its reply.
///
/// libmicrohttpd's own time-out starts anew with every byte, so that a client that sends one byte at a time holds a
/// connection for ever; this one does not.
final class ConnectionTable: Sendable {
  private struct Entry {
    let descriptor: Int32
    var deadline: ContinuousClock.Instant?
  }

  private let entries = Mutex<[UInt: Entry]>([:])
  private let receive: Duration
  private let idle: Duration

  init(receiveSeconds: Int, idleSeconds: Int) {
    receive = .seconds(receiveSeconds)
    idle = .seconds(idleSeconds)
  }

  var count: Int { entries.withLock { $0.count } }

  func opened(_ connection: OpaquePointer) {
    let entry = Entry(descriptor: fg_http_descriptor(connection), deadline: .now + idle + receive)
    entries.withLock { $0[UInt(bitPattern: connection)] = entry }
  }

  /// Called before the descriptor is closed: nobody shuts down a descriptor that has become another's.
  func closed(_ connection: OpaquePointer) {
    entries.withLock { _ = $0.removeValue(forKey: UInt(bitPattern: connection)) }
  }

  /// The request line is there; the rest, or the reply, has to follow in time.
  func isTransferring(_ connection: OpaquePointer) { set(connection, .now + receive) }

  /// The request is at work; nothing is expected of the client.
  func isWorking(_ connection: OpaquePointer) { set(connection, nil) }

  /// The next request may come.
  func isIdle(_ connection: OpaquePointer) { set(connection, .now + idle + receive) }

  private func set(_ connection: OpaquePointer, _ deadline: ContinuousClock.Instant?) {
    entries.withLock { $0[UInt(bitPattern: connection)]?.deadline = deadline }
  }

  /// Cuts the connections whose time is up; their threads then close them.
  func sweep(now: ContinuousClock.Instant = .now) {
    entries.withLock { entries in
      for (key, entry) in entries {
        guard let deadline = entry.deadline, deadline <= now else { continue }
        shutdown(entry.descriptor, Int32(SHUT_RDWR))
        entries[key]?.deadline = nil
      }
    }
  }
}
