internal import Foundation
internal import Support

/// Tells a program of the operator's about enrolments and recognitions, over HTTP.
///
/// Events wait in a queue of limited length and size and are posted in their order by a thread of their own: no answer waits for it. What cannot be
/// delivered is tried again, after 1, 2, 4, … seconds; what finds the queue full, or was tried often enough, is dropped and counted.
public final class Webhooks: Sendable {
  /// Where events go, and how often is tried.
  public struct Settings: Sendable, Hashable {
    /// The address, with http or https.
    public var url: String
    /// What bodies are signed with.
    public var secret: String
    /// At most so many events wait.
    public var capacity = 1_000
    /// The bodies that wait have at most so many bytes together.
    public var capacityBytes = 64 << 20
    /// How often an event is tried.
    public var attempts = 7
    /// The wait before the second time; it doubles each time.
    public var firstDelay = Duration.seconds(1)

    /// The address, or nil for a text that is none.
    ///
    /// - Parameter secret: At least ``leastSecretBytes``.
    public init?(url: String, secret: String) {
      guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme?.lowercased()),
        parts.host?.isEmpty == false, parts.fragment == nil, secret.utf8.count >= Self.leastSecretBytes
      else { return nil }
      self.url = url
      self.secret = secret
    }

    /// A secret has at least so many bytes.
    public static let leastSecretBytes = 16
  }

  /// Something that happened, as it is posted.
  struct Event: Sendable {
    enum Kind: String, Sendable {
      case enrolment, recognition
    }

    let kind: Kind
    let id: UUID
    let body: Data

    /// An event that happens now.
    ///
    /// - Parameter content: What is said beside the members that every event has.
    /// - Throws: `EncodingError` for numbers that JSON does not have.
    init(kind: Kind, gallery: String, requestID: String, content: some Encodable) throws {
      (self.kind, id) = (kind, UUID())
      body = try JSONText.data(
        Envelope(
          event: kind.rawValue, delivery: id.uuidString.lowercased(), time: .now, gallery: gallery,
          requestID: requestID, content: content))
    }
  }

  /// How many events are where.
  struct Counts: Sendable, Hashable {
    var waiting = 0
    var delivered = 0
    /// Attempts after the first one.
    var retries = 0
    /// Events that found the queue full.
    var overflowed = 0
    /// Events that were refused, or tried often enough, or left when the server stopped.
    var undelivered = 0
  }

  private struct State {
    var events: [Event] = []
    /// Of the events' bodies.
    var bytes = 0
    var counts = Counts()
    var isStopping = false
    var hasEnded = false
  }

  private enum Attempt {
    case delivered
    case failed(String, isFinal: Bool)
  }

  private let settings: Settings
  private let sender: any WebhookSender
  private let log: EventLog
  private let state = Monitor(State())

  init(_ settings: Settings, sender: any WebhookSender, log: EventLog) throws(WebhookFailure) {
    (self.settings, self.sender, self.log) = (settings, sender, log)
    let hasBegun = WorkerThread.start("webhooks") { [weak self] in
      // Whoever has it stops it: the thread keeps it no longer than an event takes.
      while self?.deliverNext() == true {}
    }
    guard hasBegun else { throw WebhookFailure(description: "the system lets no thread be made") }
  }

  /// Webhooks by libcurl, which is loaded now.
  ///
  /// - Throws: An error that says what is missing.
  public convenience init(_ settings: Settings, log: EventLog) throws {
    try self.init(settings, sender: CurlSender(), log: log)
  }

  /// How many events are where.
  var counts: Counts {
    state.withLock(waking: .nobody) { state in
      var counts = state.counts
      counts.waiting = state.events.count
      return counts
    }
  }

  /// Has an event delivered; returns at once.
  func post(_ event: Event) {
    let isFirst = state.withLock(waking: .one) { state in
      guard !state.isStopping, state.events.count < settings.capacity,
        event.body.count <= settings.capacityBytes - state.bytes
      else {
        state.counts.overflowed += 1
        return state.counts.overflowed == 1
      }
      state.events.append(event)
      state.bytes += event.body.count
      return false
    }
    if isFirst { log.event("webhook", "The queue is full: events are dropped; /metrics counts them.") }
  }

  /// Takes no more events, tries each that waits once, and returns when that is done or time is up; what is left is dropped.
  public func stop(within seconds: Int) {
    state.withLock { $0.isStopping = true }
    _ = state.withLock(when: { $0.hasEnded }, until: .now + .seconds(seconds), waking: .nobody) { _ in }
    let left = state.withLock { state in
      defer { (state.events, state.bytes) = ([], 0) }
      state.counts.undelivered += state.events.count
      return state.counts.undelivered
    }
    if left > 0 { log.event("webhook", "\(left) events were not delivered.") }
  }

  /// Waits for an event and sees to it; false when there will be none.
  private func deliverNext() -> Bool {
    // Some seconds at a time, so that it can go when nobody has it any more.
    let next = state.withLock(
      when: { !$0.events.isEmpty || $0.isStopping }, until: .now + .seconds(2), waking: .nobody
    ) { state -> Event? in
      if state.events.isEmpty { state.hasEnded = true }
      return state.events.first
    }
    guard let next else { return true }
    guard let event = next else {
      state.wakeAll()
      return false
    }
    let isDelivered = deliver(event)
    state.withLock { state in
      // It was dropped meanwhile when time was up.
      guard state.events.first?.id == event.id else { return }
      state.events.removeFirst()
      state.bytes -= event.body.count
      if isDelivered { state.counts.delivered += 1 } else { state.counts.undelivered += 1 }
    }
    return true
  }

  private func deliver(_ event: Event) -> Bool {
    var delay = settings.firstDelay
    var attempt = 1
    while true {
      guard case .failed(let reason, let isFinal) = self.attempt(event) else { return true }
      guard !isFinal, attempt < settings.attempts, !isStopping(within: delay) else {
        log.event("webhook", "An event was not delivered: \(reason).")
        return false
      }
      attempt += 1
      delay *= 2
      state.withLock(waking: .nobody) { $0.counts.retries += 1 }
    }
  }

  /// Waits, and says whether it is to stop; returns as soon as it is.
  private func isStopping(within delay: Duration) -> Bool {
    state.withLock(when: { $0.isStopping }, until: .now + delay, waking: .nobody) { _ in } != nil
  }

  private func attempt(_ event: Event) -> Attempt {
    let time = String(Int(Date.now.timeIntervalSince1970))
    let headers = [
      "Content-Type: application/json", "User-Agent: FaceGallery", "Expect:",
      "X-FaceGallery-Event: \(event.kind.rawValue)",
      "X-FaceGallery-Delivery: \(event.id.uuidString.lowercased())",
      "X-FaceGallery-Timestamp: \(time)",
      "X-FaceGallery-Signature: sha256=\(Self.signature(of: event.body, at: time, secret: settings.secret))",
    ]
    do throws(WebhookFailure) {
      let status = try sender.post(event.body, to: settings.url, headers: headers)
      if (200..<300).contains(status) { return .delivered }
      // Of its own accord the receiver will not change its mind about these.
      let isFinal = (300..<500).contains(status) && ![408, 425, 429].contains(status)
      return .failed("the receiver answered \(status)", isFinal: isFinal)
    } catch {
      return .failed("\(error)", isFinal: false)
    }
  }

  /// HMAC-SHA256 of the time, a dot and the body, in hexadecimal digits.
  static func signature(of body: Data, at time: String, secret: String) -> String {
    Hexadecimal.text(of: HMAC.sha256(of: Data("\(time).".utf8) + body, key: Array(secret.utf8)))
  }
}

/// An event as it is posted: its content's members, and those of every event.
private struct Envelope<Content: Encodable>: Encodable {
  let event: String
  let delivery: String
  let time: Date
  let gallery: String
  let requestID: String
  let content: Content

  private enum CodingKeys: CodingKey { case event, delivery, time, gallery, requestId }

  func encode(to encoder: any Encoder) throws {
    try content.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(event, forKey: .event)
    try container.encode(delivery, forKey: .delivery)
    try container.encode(time, forKey: .time)
    try container.encode(gallery, forKey: .gallery)
    try container.encode(requestID, forKey: .requestId)
  }
}
