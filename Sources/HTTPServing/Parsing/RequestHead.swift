internal import Support

/// The head of a request: its request line and its header fields, with where its body ends (RFC 9112).
struct RequestHead: Sendable, Hashable {
  /// How the end of the body is known.
  enum Framing: Sendable, Hashable {
    /// The body has so many bytes; 0 without a `Content-Length`.
    case length(Int)
    /// The body comes in chunks.
    case chunked
  }

  /// The method as it was written; one that nobody knows is no mistake of the head.
  let method: String
  /// The path with its query, or `*`; where the target was a whole address, what follows the host in it.
  let target: String
  let headers: HTTPHeaders
  let framing: Framing
  /// Whether the client speaks HTTP/1.1, and not 1.0.
  let isCurrent: Bool
  /// Whether the client keeps the connection for another request.
  let keepsConnection: Bool
  /// Whether the client waits for `100 Continue` before it sends the body.
  let expectsContinue: Bool
}

/// Reads the head of a request byte by byte, and takes nothing that two programs could understand differently.
///
/// A proxy in front and a server behind it have to agree where a request ends; whoever finds a head that they cut
/// differently has the proxy let through what it should have refused. So everything that RFC 9112 lets a server refuse
/// is refused: lines that end with a bare line feed, folded lines, blanks before a colon, control characters,
/// `Content-Length` with `Transfer-Encoding`, either of them twice, codings other than `chunked`, and anything but one
/// `Host`. A target may be a whole address, as clients send it to proxies; its host has to be that of `Host`.
struct RequestHeadParser: Sendable {
  /// The head may have so many bytes.
  static let maximumBytes = 32 << 10
  /// The head may have so many header fields.
  static let maximumFields = 100

  private var bytes: [UInt8] = []
  private var lineStart = 0
  private var hasRequestLine = false

  /// Whether a byte of a head has come.
  var hasBegun: Bool { !bytes.isEmpty }

  /// Takes the bytes of a head.
  ///
  /// - Parameter input: What was received; the bytes that belong to the head are taken from it.
  /// - Returns: The head, when it is complete.
  /// - Throws: ``HTTPFailure`` for a head that is refused; the connection is of no further use.
  mutating func read(_ input: inout ArraySlice<UInt8>) throws(HTTPFailure) -> RequestHead? {
    while let byte = input.popFirst() {
      guard bytes.count < Self.maximumBytes else {
        throw HTTPFailure(431, "head-too-large", "The request line and header have more than 32 KiB.")
      }
      let previous = bytes.last
      if byte == Byte.lineFeed {
        guard previous == Byte.carriageReturn, bytes.count > lineStart else {
          throw Self.malformed("a line does not end with CR LF")
        }
        let isEmpty = bytes.count - 1 == lineStart
        bytes.append(byte)
        if isEmpty {
          if hasRequestLine { return try finish() }
          // One empty line before a request is allowed: some clients end a body with it.
          guard lineStart == 0 else { throw Self.malformed("it begins with empty lines") }
        } else {
          hasRequestLine = true
        }
        lineStart = bytes.count
      } else {
        guard previous != Byte.carriageReturn else {
          throw Self.malformed("a line does not end with CR LF")
        }
        guard byte >= 0x20 && byte != 0x7f || byte == Byte.tab || byte == Byte.carriageReturn else {
          throw Self.malformed("it has a control character")
        }
        bytes.append(byte)
      }
    }
    return nil
  }

  private mutating func finish() throws(HTTPFailure) -> RequestHead {
    // Without the empty line at the end; a line feed always follows a carriage return here.
    var lines = bytes.dropLast(4).split(separator: Byte.lineFeed, omittingEmptySubsequences: false).map {
      $0.last == Byte.carriageReturn ? $0.dropLast() : $0
    }
    if lines.first?.isEmpty == true { lines.removeFirst() }
    let (method, address, minor) = try Self.requestLine(lines.removeFirst())
    guard lines.count <= Self.maximumFields else {
      throw HTTPFailure(
        431, "head-too-large", "The header has more than \(Self.maximumFields) fields.")
    }
    var headers = HTTPHeaders()
    for line in lines { try Self.addField(line, to: &headers) }
    let target = try Self.path(ofTarget: address, headers)
    let head = try Self.head(method, target, minor: minor, headers)
    bytes = []
    lineStart = 0
    hasRequestLine = false
    return head
  }

  /// Whether a head that is not read to its end, or was refused, is one of HEAD, whose reply has no body.
  var isOfHEAD: Bool {
    bytes.drop { $0 == Byte.carriageReturn || $0 == Byte.lineFeed }.starts(with: Array("HEAD ".utf8))
  }

  private static func requestLine(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> (
    method: String, target: String, minor: Int
  ) {
    let parts = line.split(separator: Byte.space, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(Byte.isToken),
      let target = String(validating: parts[1], as: UTF8.self), !line.contains(Byte.tab)
    else { throw malformed("its first line is not METHOD TARGET VERSION") }
    switch String(decoding: parts[2], as: UTF8.self) {
    case "HTTP/1.1", "HTTP/1.0": break
    case let version where version.hasPrefix("HTTP/"):
      throw HTTPFailure(505, "unknown-version", "The server speaks HTTP/1.1 and HTTP/1.0.")
    default: throw malformed("its first line is not METHOD TARGET VERSION")
    }
    return (String(decoding: parts[0], as: UTF8.self), target, parts[2].last == UInt8(ascii: "0") ? 0 : 1)
  }

  /// A target's path with its query: the target itself, or what follows the host in `http://host/path`.
  private static func path(ofTarget target: String, _ headers: HTTPHeaders) throws(HTTPFailure) -> String {
    guard !target.utf8.contains(UInt8(ascii: "#")) else {
      throw malformed("its target is not a path with a query")
    }
    if target.utf8.first == UInt8(ascii: "/") || target == "*" { return target }
    guard
      let scheme = ["http://", "https://"].first(where: { target.prefix($0.count).asciiLowercased() == $0 })
    else { throw malformed("its target is not a path with a query") }
    let rest = target.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" && $0 != "?" }
    // Whoever takes the one host and whoever takes the other are to mean the same; either may name the scheme's own port.
    let usualPort = scheme == "https://" ? ":443" : ":80"
    func authority(_ text: String) -> Authority? {
      Authority(text.hasSuffix(usualPort) ? String(text.dropLast(usualPort.count)) : text)
    }
    guard let named = authority(String(host)), headers["Host"].flatMap(authority) == named else {
      throw malformed("the host of its target is not its Host")
    }
    let path = rest[host.endIndex...]
    return path.first == "/" ? String(path) : "/" + path
  }

  private static func addField(_ line: ArraySlice<UInt8>, to headers: inout HTTPHeaders) throws(HTTPFailure) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(Byte.isToken)
    else { throw malformed("a header field is not NAME: VALUE on one line") }
    let value = line[(colon + 1)...].trimmingBlanks()
    guard let value = String(validating: value, as: UTF8.self) else {
      throw malformed("a header field is not UTF-8")
    }
    headers.add(String(decoding: line[..<colon], as: UTF8.self), value)
  }

  private static func head(
    _ method: String, _ target: String, minor: Int, _ headers: HTTPHeaders
  ) throws(HTTPFailure) -> RequestHead {
    let hosts = headers.all("Host")
    guard hosts.count == 1 || (minor == 0 && hosts.isEmpty) else {
      throw malformed(hosts.isEmpty ? "it has no Host" : "it has more than one Host")
    }
    if let host = hosts.first, !host.isEmpty, Authority(host) == nil {
      throw malformed("its Host is no address")
    }
    let lengths = headers.all("Content-Length")
    let codings = headers.all("Transfer-Encoding")
    var framing = RequestHead.Framing.length(0)
    if let coding = codings.first {
      guard codings.count == 1, coding.asciiLowercased() == "chunked", minor == 1 else {
        throw malformed("its Transfer-Encoding is not chunked")
      }
      guard lengths.isEmpty else { throw malformed("it has a Content-Length and a Transfer-Encoding") }
      framing = .chunked
    } else if let length = lengths.first {
      guard lengths.count == 1 else { throw malformed("it has more than one Content-Length") }
      guard (1...18).contains(length.utf8.count), length.utf8.allSatisfy(Byte.isDigit),
        let count = Int(length)
      else { throw malformed("its Content-Length is not a number") }
      framing = .length(count)
    }
    var expectsContinue = false
    if let expectation = headers["Expect"], minor == 1 {
      guard headers.all("Expect").count == 1, expectation.asciiLowercased() == "100-continue" else {
        throw HTTPFailure(417, "unknown-expectation", "The server knows no Expect but 100-continue.")
      }
      expectsContinue = framing != .length(0)
    }
    let options = headers.all("Connection").flatMap {
      $0.utf8.split(separator: Byte.comma).map {
        String(decoding: Array($0)[...].trimmingBlanks(), as: UTF8.self).asciiLowercased()
      }
    }
    let keeps = minor == 1 ? !options.contains("close") : options.contains("keep-alive")
    return RequestHead(
      method: method, target: target, headers: headers, framing: framing, isCurrent: minor == 1,
      keepsConnection: keeps, expectsContinue: expectsContinue)
  }

  static func malformed(_ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-request", "The request is no HTTP: \(what).")
  }
}
