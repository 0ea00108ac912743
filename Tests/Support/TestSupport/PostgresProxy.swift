import Foundation
internal import Synchronization

/// Stands between clients and a server, and cuts a connection at a commit: before the server hears of it, or before the client hears that it is
/// done.
package final class PostgresProxy: Sendable {
  /// Where the next commit is cut off.
  package enum Cut: Sendable {
    case beforeCommit
    case beforeReply
  }

  private struct State {
    var cut: Cut?
    var then: (@Sendable () -> Void)?
    var cuts = 0
    /// Whether nothing passes.
    var isDown = false
    /// Sockets of connections that are open.
    var sockets: Set<Int32> = []
  }

  /// The port on this machine.
  package let port: Int
  private let listener: Int32
  private let server: Int
  private let state = Mutex(State())

  /// Begins to take connections for a server on this machine.
  package init(to server: Int) throws {
    self.server = server
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(listener, raw, length) == 0 && listen(listener, 64) == 0
          ? getsockname(listener, raw, &length) : -1
      }
    }
    guard status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { return }
        Thread.detachNewThread { self.relay(client) }
      }
    }
  }

  deinit { close(listener) }

  /// Ends it; connections that are open go on.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Has the next commit cut off.
  ///
  /// - Parameter then: Run before the client learns of it.
  package func cutNext(_ cut: Cut, then: (@Sendable () -> Void)? = nil) {
    state.withLock { ($0.cut, $0.then) = (cut, then) }
  }

  /// How many commits were cut off.
  package var cuts: Int { state.withLock { $0.cuts } }

  /// Ends all connections, and takes none until it is mended.
  package func cutNetwork() {
    state.withLock { state in
      state.isDown = true
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// Lets connections through again.
  package func mendNetwork() { state.withLock { $0.isDown = false } }

  /// Takes messages from one side to the other until one of them ends.
  private func relay(_ client: Int32) {
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(server).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let isOpen =
      status == 0
      && state.withLock { state in
        if !state.isDown { state.sockets.formUnion([client, upstream]) }
        return !state.isDown
      }
    guard isOpen else {
      close(client)
      close(upstream)
      return
    }
    /// Whether the reply of the server is kept back.
    let holdsReply = Atomic(false)
    let ended = Atomic(0)
    func end() {
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(upstream, Int32(SHUT_RDWR))
      if ended.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue == 2 {
        state.withLock { $0.sockets.subtract([client, upstream]) }
        close(client)
        close(upstream)
      }
    }
    let group = DispatchGroup()
    group.enter()
    Thread.detachNewThread { [self] in
      pump(upstream, client) { _ in
        guard holdsReply.load(ordering: .sequentiallyConsistent) else { return true }
        let then = state.withLock { $0.then }
        then?()
        return false
      }
      group.leave()
    }
    pump(client, upstream) { bytes in
      // A query of the simple protocol, with its length and the 0 at its end.
      let commit: [UInt8] = [0x51, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0]
      guard bytes.elementsEqual(commit) else { return true }
      let cut = state.withLock { state -> Cut? in
        defer { state.cut = nil }
        if state.cut != nil { state.cuts += 1 }
        return state.cut
      }
      switch cut {
      case nil: return true
      case .beforeCommit: return false
      case .beforeReply:
        holdsReply.store(true, ordering: .sequentiallyConsistent)
        return true
      }
    }
    end()
    group.wait()
    end()
  }

  /// Takes bytes on while `goesOn` says so of them.
  private func pump(_ source: Int32, _ target: Int32, _ goesOn: (ArraySlice<UInt8>) -> Bool) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0, goesOn(buffer[..<count]) else { break }
      var sent = 0
      while sent < count {
        let more = buffer[sent..<count].withUnsafeBytes {
          send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard more > 0 else { break }
        sent += more
      }
      if sent < count { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(target, Int32(SHUT_RDWR))
  }
}
