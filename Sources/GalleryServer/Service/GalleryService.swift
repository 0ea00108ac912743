internal import FaceGallery
internal import Foundation
public import HTTPServing
internal import Support
internal import Synchronization

/// Galleries behind HTTP: routes, keys, limits, metrics and the log. It knows nothing of sockets.
public final class GalleryService: HTTPService {
  /// The galleries; the first is the one of requests without keys.
  public let galleries: [ServedGallery]
  /// How it behaves.
  public let settings: ServiceSettings
  /// Every route.
  public let router: Router<Route>
  /// What is counted.
  let metrics = Metrics()
  let log: EventLog
  /// How much is at work.
  public let occupancy: Occupancy
  /// What it takes at most.
  public var limits: Limits { settings.limits }
  /// What was found to be looked at by somebody.
  let reviews = Reviews()
  let rates: RateLimiter
  let attempts: AttemptLimiter
  private let origins: OriginPolicy
  private let upkeep: RegularWork
  private let compaction: RegularWork?
  /// Whom it tells what happens; nil is nobody.
  let webhooks: Webhooks?
  /// The engines of the galleries.
  private let engines: [BatchingEngine]
  /// Whether it was said that keys cannot be read.
  private let brokenKeys = Atomic(false)

  /// A service.
  ///
  /// - Parameters:
  ///   - galleries: At least one.
  ///   - settings: How it behaves.
  ///   - log: Where it writes its log.
  ///   - engines: The galleries' engines, whose queues are reported.
  ///   - webhooks: Are told about enrolments and recognitions.
  ///   - extraRoutes: Routes beside ``standardRoutes``.
  public init(
    galleries: [ServedGallery], settings: ServiceSettings = ServiceSettings(), log: EventLog = .silent,
    engines: [BatchingEngine] = [], webhooks: Webhooks? = nil, extraRoutes: [Route] = []
  ) {
    precondition(!galleries.isEmpty, "a service has at least one gallery")
    self.galleries = galleries
    self.settings = settings
    self.log = log
    router = Router(Self.standardRoutes + extraRoutes)
    occupancy = Occupancy(settings.limits)
    origins = OriginPolicy(
      hostNames: settings.hostNames, requiresKnownHost: !settings.needsKeys,
      allowed: settings.needsKeys || settings.origins != .all ? settings.origins : .these([]))
    attempts = AttemptLimiter(free: settings.limits.wrongKeys)
    upkeep = RegularWork(every: .seconds(600)) { Self.forgetExpiredRemovals(of: galleries, log, now: .now) }
    if !upkeep.hasThread {
      log.event("upkeep", "The system lets no thread be made that forgets removals that have expired.")
    }
    compaction = settings.compactionTime.map { time in
      let compaction = DailyCompaction(at: time, galleries, log)
      return RegularWork(every: .seconds(20)) { compaction.run(now: .now) }
    }
    if compaction?.hasThread == false {
      log.event("compaction", "The system lets no thread be made that compacts the galleries.")
    }
    rates = RateLimiter(requestsPerSecond: settings.limits.requestsPerSecond)
    self.engines = engines
    self.webhooks = webhooks
  }

  /// The routes of every service.
  public static var standardRoutes: [Route] {
    OperationRoutes.all + CompreFaceRoutes.all + CompreFaceStatusRoutes.all + GalleryRoutes.all
      + PageRoutes.all
  }

  /// What all engines have embedded; nil when there is none.
  var engineStatistics: BatchingEngine.Statistics? {
    guard !engines.isEmpty else { return nil }
    return engines.map(\.statistics).reduce(into: BatchingEngine.Statistics()) { sum, one in
      sum.waiting += one.waiting
      sum.batches += one.batches
      sum.faces += one.faces
    }
  }

  /// Forgets the removals that galleries have kept for a day.
  func forgetExpiredRemovals(now: Date) { Self.forgetExpiredRemovals(of: galleries, log, now: now) }

  private static func forgetExpiredRemovals(of galleries: [ServedGallery], _ log: EventLog, now: Date) {
    for served in galleries {
      do throws(GalleryError) {
        try served.gallery.forgetExpiredRemovals(now: now)
      } catch {
        log.event("upkeep", "\(served.name): \(error)")
      }
    }
  }

  /// Answers a request in memory, as a server would over a socket.
  public func answer(_ request: HTTPRequest) -> HTTPResponse {
    var response = reply(to: request)
    if request.method == .head { response.body = Data() }
    return response
  }

  private func reply(to request: HTTPRequest) -> HTTPResponse {
    switch admit(request) {
    case .answered(let response): return response
    case .accepted(let accepted):
      guard request.body.count <= accepted.maximumBody else {
        return accepted.refuse(.tooLarge(accepted.maximumBody))
      }
      var work = accepted.respond(to: request)
      while true {
        switch work {
        case .done(let response): return response
        case .change(let change): return change()
        case .part(_, let next): work = next()
        }
      }
    }
  }

  /// Judges a request by its head: its route, key, rate and size.
  public func admit(_ head: HTTPRequest) -> Admission {
    let began = ContinuousClock.now
    var route: Route?
    var grant: Grant?
    do throws(HTTPFailure) {
      if head.isPreflight {
        let methods = try router.methods(at: head.path)
        try Self.checkHeaders(head)
        var response = try origins.preflight(head, methods: methods)
        complete(&response, of: head, route: nil, grant: nil, began: began)
        return .answered(response)
      }
      let hit = try router.route(head.method, head.path)
      route = hit.route
      try Self.checkHeaders(head)
      grant = try authorize(head, hit)
      if let key = grant?.key, let seconds = rates.take(key) {
        throw HTTPFailure(
          429, "too-many-requests", "The key makes more requests a second than it may; slow down.",
          retryAfter: seconds)
      }
      let maximum =
        switch hit.route.body {
        case .none: 64 << 10
        case .json: limits.jsonBytes
        case .photos, .photoList: limits.uploadBytes
        }
      try head.query.check(
        known: hit.route.parameters, lists: Route.lists, passingOverUnknown: hit.route.passesOverUnknown)
      if hit.route.body != .none, let coding = head.headers["Content-Encoding"],
        coding.asciiLowercased() != "identity"
      {
        throw HTTPFailure(
          415, "unsupported-media-type", "The body must be sent as it is, without a Content-Encoding.")
      }
      if let text = head.headers["Content-Length"] {
        // The transport lets no other text through; in memory anything may come.
        guard let length = Int(text), length >= 0 else {
          throw HTTPFailure(400, "bad-length", "The Content-Length is no length.")
        }
        guard length <= maximum else { throw HTTPFailure.tooLarge(maximum) }
      }
      return .accepted(
        try AdmittedRequest(
          service: self, head: head, hit: hit, grant: grant, maximumBody: maximum, began: began))
    } catch {
      var response = error.response(requestID: head.id)
      complete(&response, of: head, route: route, grant: grant, began: began)
      return .answered(response)
    }
  }

  /// What the request's key opens; nil on routes that are open to anyone, and for the key for metrics.
  private func authorize(_ head: HTTPRequest, _ hit: Router<Route>.Hit) throws(HTTPFailure) -> Grant? {
    guard case .role(let role) = hit.route.access else { return nil }
    try origins.check(head)
    guard settings.needsKeys else {
      return galleries.first.map { Grant(gallery: $0, role: .admin, key: nil) }
    }
    // CompreFace has a path with the key in it, for pages that show pictures.
    guard let secret = try Self.secret(in: head, hit.parameters["api_key"]), !secret.isEmpty else {
      throw HTTPFailure(
        401, "key-missing", "The request has no key; send one in the header x-api-key.", number: 20)
    }
    if hit.route.takesMetricsKey, settings.metricsKey?.matches(secret) == true { return nil }
    let grants = galleries.compactMap { gallery in
      gallery.keys.record(of: secret).map { Grant(gallery: gallery, role: $0.role, key: $0.id) }
    }
    let found = grants.first
    // It may be a right one.
    if found == nil { try checkReadable(galleries) }
    if case .slowed(let seconds) = attempts.judge(found?.key, from: head.client) {
      throw HTTPFailure(
        429, "too-many-keys", "Too many wrong keys came from this address; wait before the next one.",
        retryAfter: seconds)
    }
    if found != nil { brokenKeys.store(false, ordering: .relaxed) }
    guard let grant = found else {
      throw HTTPFailure(401, "unknown-key", "The key is not known here; ask for one that is.", number: 10)
    }
    // Which gallery is meant nobody can say.
    guard grants.count == 1 else {
      throw HTTPFailure(
        403, "ambiguous-key",
        "The key belongs to \(grants.count) galleries of this server; give each its own.",
        number: 32)
    }
    guard grant.role >= role else {
      throw HTTPFailure(
        403, "forbidden", "The key may \(grant.role.rawValue) and this needs one that may \(role.rawValue).",
        number: 32)
    }
    return grant
  }

  /// Makes sure that the keys of some galleries can be read; while they cannot, nobody knows whose a key is.
  private func checkReadable(_ galleries: [ServedGallery]) throws(HTTPFailure) {
    guard let problem = galleries.lazy.compactMap(\.keys.problem).first else { return }
    if brokenKeys.exchange(true, ordering: .relaxed) == false { log.event("keys", problem) }
    throw HTTPFailure(
      503, "keys-unreadable", "The keys of a gallery cannot be read; the server's log says more.",
      retryAfter: 5)
  }

  /// Makes sure that a key that was let in when the request began still is: its body may have taken a minute.
  func confirm(_ grant: Grant?, _ access: Route.Access) throws(HTTPFailure) {
    guard let grant, let key = grant.key, case .role(let role) = access, !grant.gallery.keys.holds(key, role)
    else { return }
    try checkReadable([grant.gallery])
    throw HTTPFailure(
      401, "unknown-key", "The key was revoked while the request was on its way.", number: 10)
  }

  /// The key of a request: in the header `x-api-key`, as a bearer token, or in the path.
  ///
  /// - Throws: ``HTTPFailure`` 400 when these are two keys.
  private static func secret(in head: HTTPRequest, _ inPath: String?) throws(HTTPFailure) -> String? {
    var secrets: [String] = []
    if let key = head.headers["x-api-key"] { secrets.append(key) }
    if let header = head.headers["Authorization"] {
      let words = header.split(separator: " ", maxSplits: 1)
      // Other schemes are for proxies before this server.
      if words.first?.asciiLowercased() == "bearer" {
        secrets.append(words.count > 1 ? String(words[1]) : "")
      }
    }
    if let inPath { secrets.append(inPath) }
    guard Set(secrets).count <= 1 else {
      throw HTTPFailure(
        400, "bad-header", "The request has two keys, in x-api-key, Authorization or the path; send one.",
        number: 26)
    }
    return secrets.first
  }

  /// Header fields that may have one value only, as we read them.
  private static let singleHeaders = [
    "x-api-key", "Authorization", "Content-Type", "Content-Encoding", "Origin", "Sec-Fetch-Site",
    "X-Request-Id", "Access-Control-Request-Method",
  ]

  private static func checkHeaders(_ head: HTTPRequest) throws(HTTPFailure) {
    for name in singleHeaders where head.headers.isAmbiguous(name) {
      throw HTTPFailure(400, "bad-header", "The header \(name) has two values; send one.", number: 26)
    }
  }

  /// Puts the last headers on a reply, counts it and writes it down.
  func complete(
    _ response: inout HTTPResponse, of request: HTTPRequest, route: Route?, grant: Grant?,
    began: ContinuousClock.Instant, method: String? = nil
  ) {
    response.headers["X-Request-Id"] = request.id
    response.headers["X-Content-Type-Options"] = "nosniff"
    // Pages of other sites show no picture from here, whatever they know of its address.
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    for field in origins.headers(for: request).fields { response.headers.add(field.name, field.value) }
    if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
    note(
      request, status: response.status, sent: response.body.count, route: route, grant: grant, began: began,
      method: method)
  }

  /// The reply to what is refused before it can be judged; it is counted as "other", whatever the client wrote.
  public func refuse(_ failure: HTTPFailure, _ request: HTTPRequest) -> HTTPResponse {
    var response = failure.response(requestID: request.id)
    complete(&response, of: request, route: nil, grant: nil, began: .now, method: "other")
    return response
  }

  /// Writes an event of the server into the log.
  public func note(_ event: String, _ message: String?) { log.event(event, message) }

  /// Notes a request whose client went away; 499 as elsewhere.
  func noteAbandoned(
    _ request: HTTPRequest, route: Route?, grant: Grant?, began: ContinuousClock.Instant
  ) {
    note(request, status: 499, sent: 0, route: route, grant: grant, began: began)
  }

  private func note(
    _ request: HTTPRequest, status: Int, sent: Int, route: Route?, grant: Grant?,
    began: ContinuousClock.Instant, method: String? = nil
  ) {
    let method = method ?? request.method.rawValue
    let seconds = Double((ContinuousClock.now - began) / .microseconds(1)) / 1e6
    let pattern = route?.pattern.description ?? "other"
    metrics.count(
      gallery: grant?.gallery.name, method: method, route: pattern, status: status, seconds: seconds)
    log.request(
      request, method: method, pattern: pattern, status: status, seconds: seconds, sent: sent,
      gallery: grant?.gallery.name, key: grant?.key)
  }
}
