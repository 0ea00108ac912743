internal import Foundation

/// An address and a port to listen at.
struct SocketAddress: Sendable {
  private let storage: sockaddr_storage

  /// Reads an IPv4 or IPv6 address in numbers; `localhost` is 127.0.0.1.
  ///
  /// - Throws: ``ServerError`` `badAddress`.
  init(host: String, port: Int) throws(ServerError) {
    guard (0...65_535).contains(port) else {
      throw ServerError(.badAddress, "\(port) is no port; give one from 0 to 65535.")
    }
    var storage = sockaddr_storage()
    var v4 = sockaddr_in()
    var v6 = sockaddr_in6()
    let name = host == "localhost" ? "127.0.0.1" : host
    if inet_pton(AF_INET, name, &v4.sin_addr) == 1 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = UInt16(port).bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
    } else if inet_pton(AF_INET6, name, &v6.sin6_addr) == 1 {
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = UInt16(port).bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
    } else {
      throw ServerError(
        .badAddress, "\(host) is no address to listen at; give one in numbers, such as 127.0.0.1 or 0.0.0.0.")
    }
    self.storage = storage
  }

  private func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }

  /// A socket that listens at the address and does not block.
  ///
  /// - Throws: ``ServerError`` `unavailable` or `badAddress`.
  func listen(as place: String) throws(ServerError) -> Int32 {
    let descriptor = socket(
      Int32(storage.ss_family),
      Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      throw ServerError(.unavailable, "The system lets no further socket be made.")
    }
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
    if Int32(storage.ss_family) == AF_INET6 {
      setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size)
    }
    let isBound =
      withPointer { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_storage>.size)) } == 0
      && Foundation.listen(descriptor, 1_024) == 0
    guard !isBound else { return descriptor }
    let reason = errno
    close(descriptor)
    switch reason {
    case EADDRINUSE:
      throw ServerError(.unavailable, "Another program listens at \(place); stop it, or choose another port.")
    case EACCES:
      throw ServerError(.unavailable, "This user may not listen at \(place); choose a port from 1024 up.")
    case EADDRNOTAVAIL: throw ServerError(.badAddress, "\(place) is no address of this machine.")
    default:
      throw ServerError(
        .unavailable, "No server can be started at \(place): \(String(cString: strerror(reason)))")
    }
  }

  /// The port that a listening socket has.
  static func port(of descriptor: Int32) -> Int {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard status == 0 else { return 0 }
    return withUnsafeBytes(of: address) { bytes in
      // The port is at the same place in both families.
      Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }
  }

  /// A client's address in numbers, without its port.
  static func text(of address: sockaddr_storage) -> String {
    var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
    let length = socklen_t(
      Int32(address.ss_family) == AF_INET6
        ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getnameinfo($0, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      }
    }
    guard status == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What counts as one client: the address in numbers or, of an IPv6 address, the 64 bits that one subscriber has.
  static func network(of client: String) -> String {
    guard client.contains(":") else { return client }
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, client, &bytes) == 1 else { return client }
    return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
  }
}
