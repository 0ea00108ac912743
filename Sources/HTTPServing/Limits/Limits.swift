/// What a server does at most, so that it answers 413, 429 or 503 rather than fall over.
///
/// What is limited "at the same time" is shared: an ``Owner`` gets as much as is left for others, alone half of it.
public struct Limits: Sendable, Hashable {
  /// The greatest body with files, in bytes.
  public var uploadBytes = 32 << 20
  /// The greatest body of JSON without files, in bytes.
  public var jsonBytes = 8 << 20
  /// The parts of bodies that have arrived and large replies that are not sent yet, at the same time, in bytes.
  public var bodyBytesInFlight = 512 << 20
  /// Requests that arrive or are at work at the same time.
  public var requestsInFlight = 512
  /// Requests with files that are at work or wait for it.
  public var uploadsInFlight = 128
  /// Requests that change something and are at work or wait for their turn; reads are not counted.
  public var changesInFlight = 64
  /// Requests a second that one key may make on average, and twice that at once; 0 sets no limit.
  public var requestsPerSecond: Double = 0
  /// Wrong keys that an address may send before it has to wait; 0 sets no limit.
  public var wrongKeys = 5
  /// Seconds in which a request must be there with its body.
  public var receiveSeconds = 60
  /// Seconds that a connection may be idle.
  public var idleSeconds = 30
  /// Seconds that a client without files is worked for once it has closed its side of the connection: it may wait for the reply, or have
  /// left.
  public var halfClosedSeconds = 5
  /// Connections at the same time; one address has at most as many as are left for others, alone half.
  public var connections = 10_240
  /// Seconds that requests at work have when the server stops.
  public var graceSeconds = 30

  /// The defaults, which suit a server for a household or a department.
  public init() {}
}
