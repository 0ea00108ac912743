import Foundation
import HTTPTestSupport
import TestSupport
import Testing

@testable import HTTPServing

@Suite("HTTPS", .enabled("openssl is not there") { Certificate.isPossible })
struct TLSTests {
  private let request = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  @Test("only TLS 1.2 and 1.3 are spoken, and only ciphers that authenticate, with keys that do not last")
  func versions() throws {
    let certificate = try Certificate("one")
    let server = try HTTPServer.start(TestService()) { $0.tls = certificate.files }
    defer { server.stop() }
    for options in [
      ["-tls1_3"], ["-tls1_2"], ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
      ["-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"],
    ] {
      let reply = try OpenSSL.talk(to: server.port, options, request)
      #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(options)")
      #expect(reply.contains("\r\nStrict-Transport-Security: max-age=31536000\r\n"))
      #expect(reply.hasSuffix("\r\n\r\nGET /x "))
    }
    for options in [
      ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"], ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
      ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"], ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA"],
      ["-tls1_2", "-cipher", "AES128-GCM-SHA256"], ["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
    ] {
      #expect(try OpenSSL.talk(to: server.port, options, request) == "", "\(options)")
    }
    // Plain HTTP at a port for HTTPS is no request.
    let plain = try SocketClient(port: server.port)
    try plain.write(Data(request.utf8))
    #expect(plain.isClosed())
    #expect(try OpenSSL.talk(to: server.port, [], request).hasSuffix("GET /x "))
  }

  @Test("what is refused without encryption is refused with it, and what is answered is answered")
  func wire() throws {
    let certificate = try Certificate("one")
    let server = try HTTPServer.start(TestService()) { $0.tls = certificate.files }
    defer { server.stop() }
    let names = [
      "CL.TE", "two different lengths", "an unknown coding on TRACE", "a bare line feed", "a NUL in the path",
      "no host",
      "a chunk that is too long", "a request that is refused behind one that is not", "requests in a row",
    ]
    let cases = (WireCase.refused + WireCase.accepted).filter { names.contains($0.name) }
    #expect(cases.count == names.count)
    for wire in cases {
      let reply = try OpenSSL.talk(to: server.port, [], String(decoding: wire.bytes, as: UTF8.self))
      let parts = reply.components(separatedBy: "HTTP/1.1 ").dropFirst()
      let outcome = parts.map { part in
        part.hasPrefix("200 ")
          ? part.components(separatedBy: "\r\n\r\n").dropFirst().joined() : String(part.prefix(3))
      }
      #expect(outcome == wire.replies, "\(wire.name)")
    }
  }

  @Test("a certificate is read again for new connections, and one that cannot be used is not taken")
  func reload() throws {
    let certificate = try Certificate("one")
    let server = try HTTPServer.start(TestService()) { $0.tls = certificate.files }
    defer { server.stop() }
    func subject() throws -> String {
      try OpenSSL.run(["s_client", "-connect", "127.0.0.1:\(server.port)", "-showcerts"], "").output
    }
    #expect(try subject().contains("CN = one"))
    try certificate.make("two")
    #expect(try subject().contains("CN = one"))
    try server.reloadCertificate()
    #expect(try subject().contains("CN = two"))
    try Data("-----BEGIN nothing".utf8).write(to: certificate.files.key)
    #expect(throws: ServerError.self) { try server.reloadCertificate() }
    #expect(try subject().contains("CN = two"))
  }
}

private enum OpenSSL {
  static func run(_ arguments: [String], _ input: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "openssl"] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The other end may be gone before all is written.
    signal(SIGPIPE, SIG_IGN)
    try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readWhole()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// What the server says until it closes the connection; nothing when there is no handshake.
  static func talk(to port: Int, _ options: [String], _ input: String) throws -> String {
    try run(["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"] + options, input).output
  }
}

/// A certificate of its own in a temporary folder.
private final class Certificate {
  static let isPossible = (try? OpenSSL.run(["version"], ""))?.status == 0

  let files: ServerSettings.TLS
  private let folder: URL

  init(_ name: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    files = .init(certificate: folder.appending(path: "c.pem"), key: folder.appending(path: "k.pem"))
    try make(name)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes the files anew.
  func make(_ name: String) throws {
    let run = try OpenSSL.run(
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout",
        files.key.path, "-out", files.certificate.path,
      ], "")
    #expect(run.status == 0)
  }
}
