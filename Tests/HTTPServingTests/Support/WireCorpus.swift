import Testing

/// Bytes on a connection, and what has to come back before it is closed.
struct WireCase: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  /// The bodies of replies with status 200, and the status of others.
  let replies: [String]
  var testDescription: String { name }

  init(_ name: String, _ text: String, _ replies: String...) {
    self.name = name
    bytes = Array(text.utf8)
    self.replies = replies
  }

  /// What two programs in a row could take for different requests, and the like. After each follows a request for
  /// `/smuggled`, which must never be answered.
  static let refused: [WireCase] = {
    let host = "Host: a\r\n"
    let get = "GET /x HTTP/1.1\r\n"
    let post = "POST /x HTTP/1.1\r\n"
    let cases: [(String, String, String)] = [
      ("CL.TE", post + host + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", "400"),
      (
        "TE.CL",
        post + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n8\r\nSMUGGLED\r\n0\r\n\r\n",
        "400"
      ),
      ("two different lengths", post + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "400"),
      ("two equal lengths", post + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", "400"),
      ("a list of lengths", post + host + "Content-Length: 5, 5\r\n\r\nabcde", "400"),
      ("a negative length", post + host + "Content-Length: -5\r\n\r\n", "400"),
      ("a length with a sign", post + host + "Content-Length: +5\r\n\r\nabcde", "400"),
      ("a hexadecimal length", post + host + "Content-Length: 0x5\r\n\r\nabcde", "400"),
      ("a length that is no number", post + host + "Content-Length: five\r\n\r\nabcde", "400"),
      ("an empty length", post + host + "Content-Length: \r\n\r\n", "400"),
      ("a length beyond all", post + host + "Content-Length: 99999999999999999999\r\n\r\n", "400"),
      ("a length with a blank inside", post + host + "Content-Length: 1 0\r\n\r\n0123456789", "400"),
      ("an unknown coding", post + host + "Transfer-Encoding: cow\r\n\r\n", "400"),
      (
        "an unknown coding on TRACE", "TRACE /x HTTP/1.1\r\n" + host + "Transfer-Encoding: cow\r\n\r\n", "400"
      ),
      ("a coding before chunked", post + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"),
      ("identity", post + host + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab", "400"),
      (
        "two codings", post + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n",
        "400"
      ),
      (
        "chunked twice",
        post + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"
      ),
      (
        "chunked with a vertical tab", post + host + "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n", "400"
      ),
      (
        "chunked of HTTP/1.0", "POST /x HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "400"
      ),
      (
        "a trailer without a colon",
        post + host + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nbroken\r\n\r\n", "400"
      ),
      (
        "a trailer with a blank in its name",
        post + host + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA B: c\r\n\r\n", "400"
      ),
      ("a blank before the colon", post + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"),
      ("a tab before the colon", post + host + "Content-Length\t: 3\r\n\r\nabc", "400"),
      ("a folded field", get + host + "X: a\r\n b\r\n\r\n", "400"),
      ("a folded first field", get + " X: a\r\n" + host + "\r\n", "400"),
      ("a field without a colon", get + host + "broken\r\n\r\n", "400"),
      ("a field without a name", get + host + ": x\r\n\r\n", "400"),
      ("a name with a blank", get + host + "X Y: z\r\n\r\n", "400"),
      ("a bare line feed", "GET /x HTTP/1.1\n" + host + "\r\n", "400"),
      ("bare line feeds only", "GET /x HTTP/1.1\nHost: a\n\n", "400"),
      ("a bare line feed at the end", get + host + "\n", "400"),
      ("a bare line feed in a field", get + host + "X: a\nTransfer-Encoding: chunked\r\n\r\n", "400"),
      ("a bare carriage return", get + host + "X: a\rY: b\r\n\r\n", "400"),
      ("a carriage return twice", get + host + "X: a\r\r\n\r\n", "400"),
      ("a NUL in the path", "GET /x\0y HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a NUL in a value", get + host + "X: a\0b\r\n\r\n", "400"),
      ("a NUL in a name", get + host + "X\0: a\r\n\r\n", "400"),
      ("a NUL in the method", "GE\0T /x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a bell in a value", get + host + "X: \u{7}\r\n\r\n", "400"),
      ("no host", get + "\r\n", "400"),
      ("two hosts", get + "Host: a\r\nHost: b\r\n\r\n", "400"),
      ("a host twice", get + "Host: a\r\nHost: a\r\n\r\n", "400"),
      ("a host with a path", get + "Host: a/b\r\n\r\n", "400"),
      ("a host with a user", get + "Host: u@a\r\n\r\n", "400"),
      ("a host with a list", get + "Host: a, b\r\n\r\n", "400"),
      ("no version", "GET /x\r\n" + host + "\r\n", "400"),
      ("a version in small letters", "GET /x http/1.1\r\n" + host + "\r\n", "400"),
      ("a version of tomorrow", "GET /x HTTP/9.9\r\n" + host + "\r\n", "505"),
      ("a version before", "GET /x HTTP/0.9\r\n" + host + "\r\n", "505"),
      ("two blanks", "GET  /x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a tab for a blank", "GET\t/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a blank at the end of the line", "GET /x HTTP/1.1 \r\n" + host + "\r\n", "400"),
      ("a blank in the target", "GET /x y HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a blank at the start", " GET /x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("no target", "GET HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with another host", "GET http://b/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with another port", "GET http://a:81/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with another scheme's port", "GET http://a:443/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with a user", "GET http://b@a/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with no host", "GET http:///x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with a host and a fragment", "GET http://a/x#y HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target of another scheme", "GET ftp://a/x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with a host, and no Host", "GET http://a/x HTTP/1.0\r\n\r\n", "400"),
      ("a target that is a host", "CONNECT a:80 HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a target with a fragment", "GET /x#y HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a method of brackets", "G(T /x HTTP/1.1\r\n" + host + "\r\n", "400"),
      ("a method of nobody", "BREW /x HTTP/1.1\r\n" + host + "\r\n", "501"),
      ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
      ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", "400"),
      ("two empty lines first", "\r\n\r\n" + get + host + "\r\n", "400"),
      ("an unknown expectation", post + host + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\nab", "417"),
      ("too many fields", get + host + String(repeating: "X: y\r\n", count: 200) + "\r\n", "431"),
      (
        "a path without end", "GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\n" + host + "\r\n",
        "431"
      ),
      ("a field without end", get + host + "X: \(String(repeating: "a", count: 40_000))\r\n\r\n", "431"),
      ("a chunk without size", chunked + "\r\nab\r\n0\r\n\r\n", "400"),
      ("a negative chunk", chunked + "-1\r\nab\r\n0\r\n\r\n", "400"),
      ("a chunk of 0x", chunked + "0x2\r\nab\r\n0\r\n\r\n", "400"),
      ("a chunk beyond all", chunked + "ffffffffffffffff\r\nab\r\n0\r\n\r\n", "400"),
      ("a chunk with a bare line feed", chunked + "2\nab\r\n0\r\n\r\n", "400"),
      ("a chunk that is too long", chunked + "2\r\nabc\r\n0\r\n\r\n", "400"),
      ("a chunk that is too short", chunked + "3\r\nab\r\n0\r\n\r\n", "400"),
      ("a chunk with a blank", chunked + "2 \r\nab\r\n0\r\n\r\n", "400"),
      ("a bare line feed in a chunk's extension", chunked + "2;a\nb\r\nab\r\n0\r\n\r\n", "400"),
      ("a NUL behind a chunk's size", chunked + "2;\0\r\nab\r\n0\r\n\r\n", "400"),
      ("a bare line feed behind the last chunk", chunked + "0\r\n\n", "400"),
      ("a folded field behind the last chunk", chunked + "0\r\nX: a\r\n b\r\n\r\n", "400"),
    ]
    return cases.map { WireCase($0, $1 + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", $2) }
  }()

  private static let chunked = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  /// What is understood in one way only, however it is cut, and answered in its order.
  static let accepted: [WireCase] = {
    let end = "Host: a\r\nConnection: close\r\n\r\n"
    return [
      WireCase("a request", "GET /x HTTP/1.1\r\n" + end, "GET /x "),
      WireCase("an empty line first", "\r\nGET /x HTTP/1.1\r\n" + end, "GET /x "),
      WireCase("a whole address", "GET http://a/x?y=1 HTTP/1.1\r\n" + end, "GET /x "),
      WireCase(
        "a whole address in capitals",
        "GET HTTPS://A:80/x HTTP/1.1\r\nConnection: close\r\nHost: a:80\r\n\r\n", "GET /x "),
      WireCase("an address with the scheme's own port", "GET http://a:80/x HTTP/1.1\r\n" + end, "GET /x "),
      WireCase("an address of https with its port", "GET https://a:443/x HTTP/1.1\r\n" + end, "GET /x "),
      WireCase("an address without a path", "GET http://a HTTP/1.1\r\n" + end, "GET / "),
      WireCase("an address with a query only", "GET http://a?y=1 HTTP/1.1\r\n" + end, "GET / "),
      WireCase("HTTP/1.0", "GET /x HTTP/1.0\r\n\r\n", "GET /x "),
      WireCase("blanks around a value", "GET /x HTTP/1.1\r\nX:\t y \t\r\n" + end, "GET /x "),
      WireCase("an empty value", "GET /x HTTP/1.1\r\nX:\r\n" + end, "GET /x "),
      WireCase(
        "requests in a row",
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /store HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
          + "POST /photo HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nxy\r\n1;n=\"v\"\r\nz\r\n0\r\nT: u\r\n\r\n"
          + "GET /b HTTP/1.1\r\n" + end, "GET /a ", "POST /store abc", "POST /photo xyz", "GET /b "),
      WireCase(
        "a request that is refused behind one that is not",
        "GET /store HTTP/1.1\r\nHost: a\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET /smuggled HTTP/1.1\r\n"
          + end,
        "GET /store ", "400"),
      WireCase(
        "a body that looks like a request",
        "POST /x HTTP/1.1\r\nContent-Length: 28\r\n" + end + "GET /y HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /x GET /y HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]
  }()
}
