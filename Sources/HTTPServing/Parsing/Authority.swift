internal import Foundation
internal import Support

/// A host with its port, as `Host` and `Origin` name it (RFC 3986, 3.2).
///
/// What is neither a name nor an address in its one usual form is no authority: `127.1`, `0x7f.1` and `2130706433` lead
/// to this machine in some programs and to none in others.
public struct Authority: Sendable, Hashable {
  /// A name or an address.
  public enum Host: Sendable, Hashable {
    /// Four bytes.
    case v4([UInt8])
    /// Sixteen bytes.
    case v6([UInt8])
    /// A name in lower case; a dot at its end stays.
    case name(String)
  }

  /// The host.
  public let host: Host
  /// The port, when one is given.
  public let port: Int?

  /// Reads a host, as in `localhost`, `127.0.0.1:8080` or `[::1]:8080`; nil for anything else, user names and zones
  /// among it.
  public init?(_ text: String) {
    var rest = Substring(text)
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]"),
        let address = Self.bytes(String(rest[rest.index(after: rest.startIndex)..<end]), AF_INET6, 16)
      else { return nil }
      host = .v6(address)
      rest = rest[rest.index(after: end)...]
    } else {
      let name = rest.prefix { $0 != ":" }
      guard let host = Self.host(String(name)) else { return nil }
      self.host = host
      rest = rest[name.endIndex...]
    }
    guard !rest.isEmpty else {
      port = nil
      return
    }
    let digits = rest.dropFirst()
    guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(Byte.isDigit),
      let number = Int(digits), number <= 65_535
    else { return nil }
    port = number
  }

  /// Whether the host is this machine by its address: 127.0.0.0/8, ::1, or `localhost`.
  public var isLoopback: Bool {
    switch host {
    case .v4(let bytes): bytes.first == 127
    case .v6(let bytes): bytes == [UInt8](repeating: 0, count: 15) + [1]
    case .name(let name): name == "localhost"
    }
  }

  private static func host(_ text: String) -> Host? {
    guard (1...253).contains(text.utf8.count),
      text.utf8.allSatisfy({ byte in
        Byte.isDigit(byte) || Byte.isLetter(byte)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
      })
    else { return nil }
    var labels = text.asciiLowercased().split(separator: ".", omittingEmptySubsequences: false)
    if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
    guard let last = labels.last, labels.allSatisfy({ (1...63).contains($0.utf8.count) }) else { return nil }
    // A name that ends like a number is an address or nothing.
    guard last.utf8.first.map(Byte.isDigit) == true,
      last.utf8.allSatisfy(Byte.isDigit) || last.hasPrefix("0x")
    else { return .name(text.asciiLowercased()) }
    return bytes(text, AF_INET, 4).map { .v4($0) }
  }

  private static func bytes(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}
