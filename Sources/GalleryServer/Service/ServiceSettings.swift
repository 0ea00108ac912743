public import Foundation
public import HTTPServing

/// How a service behaves.
public struct ServiceSettings: Sendable, Hashable {
  /// What it does at most.
  public var limits = Limits()
  /// Whether requests need a key. Without keys everybody who reaches the server may do everything with its first
  /// gallery, which is meant for one's own machine.
  public var needsKeys = true
  /// Names under which the service is reached. Without keys a request must name one of them in its `Host`, or this
  /// machine; with keys too, pages of these names count as the service's own.
  public var hostNames: Set<String> = []
  /// The pages elsewhere that may use the service from a browser. Without keys `all` lets in none.
  public var origins = AllowedOrigins.these([])
  /// Whether a thumbnail of each enrolled face is kept.
  public var keepThumbnails = false

  /// Bytes of memory that a photo may take while it is worked on, by its pixels; one that needs more is refused.
  public var photoMemory = 2 << 30

  /// Where backups that clients ask for are put; nil is nowhere.
  public var backupFolder: URL?

  /// When all galleries are compacted every day; nil is never.
  public var compactionTime: TimeOfDay?

  /// The key that opens the metrics of all galleries and of the process together, and nothing else; nil is none.
  public private(set) var metricsKey: KeyRecord?

  /// Sets ``metricsKey``.
  ///
  /// - Throws: ``KeyError`` for what is no key, or can be guessed.
  public mutating func setMetricsKey(_ secret: String) throws(KeyError) {
    try KeyStrength.check(secret)
    metricsKey = KeyRecord(secret: secret, role: .read, label: "metrics")
  }

  /// The version of the program, for its metrics; nil is not told.
  public var version: String?

  /// The defaults.
  public init() {}
}
