public import Foundation

/// Where a server listens and with how many threads.
public struct ServerSettings: Sendable, Hashable {
  /// A certificate chain and its private key, as PEM files.
  public struct TLS: Sendable, Hashable {
    /// The certificate, followed by those between it and the root.
    public var certificate: URL
    /// The private key, without a passphrase.
    public var key: URL

    /// Two files.
    public init(certificate: URL, key: URL) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// An address in numbers.
  public var host = "127.0.0.1"
  /// The port; 0 takes any that is free.
  public var port = 8_080
  /// The certificate; nil serves plain HTTP.
  public var tls: TLS?
  /// Threads for sockets.
  public var httpThreads = 2
  /// Threads that read, of which an owner has half at a time and owners of one group three quarters.
  public var readThreads = 8
  /// Threads for changes; owners of one group have two of them at a time, so that twice the groups are enough for all.
  public var changeThreads = 4
  /// Threads for checks and backups, of which owners of one group have one at a time.
  public var upkeepThreads = 2
  /// Threads for requests with files, of which an owner has half at a time and owners of one group three quarters.
  public var uploadThreads = 8
  /// The memory in bytes that uploads at work may take together; those of one owner take at most as much as is left for
  /// others. An upload that needs more is worked on alone.
  public var uploadMemory = 2 << 30

  /// The defaults.
  public init() {}
}
