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

  /// Runs `body` with the address as C has it.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }

  /// A client's address in numbers, without its port.
  static func text(of address: UnsafePointer<sockaddr>?) -> String {
    guard let address else { return "" }
    var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
    let length = socklen_t(
      Int32(address.pointee.sa_family) == AF_INET6
        ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    guard getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return ""
    }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
