internal import CGnuTLS
internal import Foundation
internal import Support

/// A certificate with its key, and what of TLS is spoken: 1.2 and 1.3, with authenticated encryption and forward
/// secrecy only.
final class TLSCredentials: @unchecked Sendable {
  // Written in `init` only; GnuTLS lets any number of sessions read them.
  fileprivate let certificate: gnutls_certificate_credentials_t
  fileprivate let priorities: gnutls_priority_t

  private static let priorityText =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:+ECDHE-ECDSA:+ECDHE-RSA:+AEAD"
    + ":+SIGN-ALL:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1:+GROUP-ALL:+CTYPE-X509:%SERVER_PRECEDENCE"

  /// Reads PEM files.
  ///
  /// - Throws: ``ServerError`` `badCertificate`.
  init(_ files: ServerSettings.TLS) throws(ServerError) {
    let chain = try Self.pem(files.certificate)
    let key = try Self.pem(files.key)
    var certificate: gnutls_certificate_credentials_t?
    var priorities: gnutls_priority_t?
    gnutls_certificate_allocate_credentials(&certificate)
    gnutls_priority_init(&priorities, Self.priorityText, nil)
    guard let certificate, let priorities else {
      throw ServerError(.badCertificate, "This GnuTLS cannot speak TLS 1.2 and 1.3 as it is asked to.")
    }
    let status = chain.withUnsafeBytes { chain in
      key.withUnsafeBytes { key in
        var chain = Self.datum(chain)
        var key = Self.datum(key)
        return gnutls_certificate_set_x509_key_mem(certificate, &chain, &key, GNUTLS_X509_FMT_PEM)
      }
    }
    self.certificate = certificate
    self.priorities = priorities
    guard status >= 0 else {
      throw ServerError(
        .badCertificate,
        "\(files.certificate.path(percentEncoded: false)) and \(files.key.path(percentEncoded: false)) are no "
          + "certificate with its key: \(String(cString: gnutls_strerror(status)))")
    }
  }

  deinit {
    gnutls_certificate_free_credentials(certificate)
    gnutls_priority_deinit(priorities)
  }

  private static func datum(_ bytes: UnsafeRawBufferPointer) -> gnutls_datum_t {
    gnutls_datum_t(
      data: UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress),
      size: UInt32(bytes.count))
  }

  private static func pem(_ url: URL) throws(ServerError) -> Data {
    guard let data = try? InputFile.readToEnd(url.path(percentEncoded: false), limit: 1 << 20),
      data.range(of: Data("-----BEGIN ".utf8)) != nil
    else {
      throw ServerError(
        .badCertificate,
        "\(url.path(percentEncoded: false)) cannot be read as PEM; give the files of certificate and key.")
    }
    return data
  }
}

/// The encryption of one connection; used by its loop only.
final class TLSSession {
  /// How far an operation got.
  enum Progress {
    /// So many bytes; a handshake is complete.
    case done(Int)
    /// The socket has to become readable or writable first.
    case blocked(forWriting: Bool)
    /// The other side ended the stream, or broke it.
    case ended
  }

  private let session: gnutls_session_t
  private let credentials: TLSCredentials

  /// A session over a socket that does not block; nil without memory.
  init?(_ descriptor: Int32, _ credentials: TLSCredentials) {
    var session: gnutls_session_t?
    guard
      gnutls_init(&session, UInt32(GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL)) == GNUTLS_E_SUCCESS,
      let session
    else { return nil }
    self.session = session
    self.credentials = credentials
    guard gnutls_priority_set(session, credentials.priorities) == GNUTLS_E_SUCCESS,
      gnutls_credentials_set(
        session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials.certificate))
        == GNUTLS_E_SUCCESS
    else { return nil }
    fg_tls_use_socket(session, descriptor)
  }

  deinit { gnutls_deinit(session) }

  /// Whether decrypted bytes wait that the socket does not tell of.
  var hasPending: Bool { gnutls_record_check_pending(session) > 0 }

  func handshake() -> Progress { progress(Int(gnutls_handshake(session)), end: nil) }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
    progress(gnutls_record_recv(session, buffer.baseAddress, buffer.count), end: 0)
  }

  /// Sends bytes; after `blocked` the same have to be sent again.
  func send(_ bytes: UnsafeRawBufferPointer) -> Progress {
    progress(gnutls_record_send(session, bytes.baseAddress, bytes.count), end: nil)
  }

  /// Tells the other side that nothing more comes.
  func sendEnd() { gnutls_bye(session, GNUTLS_SHUT_WR) }

  private func progress(_ result: Int, end: Int?) -> Progress {
    if result == end { return .ended }
    if result >= 0 { return .done(result) }
    guard gnutls_error_is_fatal(Int32(result)) == 0, result != Int(GNUTLS_E_REHANDSHAKE) else {
      return .ended
    }
    return .blocked(forWriting: gnutls_record_get_direction(session) == 1)
  }
}
