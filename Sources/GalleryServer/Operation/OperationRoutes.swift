internal import FaceGallery
internal import Foundation
internal import HTTPServing

/// Health, readiness and metrics.
enum OperationRoutes {
  static var all: [Route] {
    [
      Route(.get, "/healthz", access: .anyone, lane: .immediate) { call in
        try .json(Health(status: "ok"))
      },
      Route(.get, "/readyz", access: .anyone, lane: .readiness) { call in try ready(call) },
      Route(.get, "/metrics", access: .role(.admin)) { call in
        .text(try metrics(call), type: "text/plain; version=0.0.4; charset=utf-8")
      }.forMetricsKeyToo(),
    ]
  }

  private struct Health: Encodable {
    let status: String
    /// Of a copy that follows a server: its last change, how many it lacks, and whether the server answered last.
    var sequence: UInt64?
    var lag: UInt64?
    var connected: Bool?
  }

  private static func ready(_ call: Call) throws -> HTTPResponse {
    try checkReady(call.service)
    var health = Health(status: "ready")
    if let copy = try call.service.galleries.lazy.compactMap({ try $0.gallery.replication }).first {
      (health.sequence, health.lag, health.connected) = (copy.sequence, copy.lag, copy.isConnected)
    }
    return try .json(health)
  }

  /// Asks every gallery a real question: a probe that is like nobody.
  ///
  /// - Throws: ``HTTPFailure`` 503.
  static func checkReady(_ service: GalleryService) throws(HTTPFailure) {
    guard service.occupancy.isOpen else {
      throw HTTPFailure(503, "stopping", "The server is stopping.")
    }
    for served in service.galleries {
      if let problem = served.keys.problem {
        service.log.event("not-ready", "\(served.name): \(problem)")
        throw HTTPFailure(
          503, "not-ready", "The keys of a gallery cannot be read; the server's log says more.", retryAfter: 5
        )
      }
      do {
        try served.gallery.checkPlace()
        let dimension =
          try served.gallery.engine?.fingerprint.dimension ?? served.gallery.info().dimension ?? 128
        let probe = try Embedding(normalizing: [1] + [Float](repeating: 0, count: max(dimension, 1) - 1))
        _ = try served.gallery.query(probe, options: QueryOptions(k: 1, threshold: 1))
      } catch {
        service.log.event("not-ready", "\(served.name): \(error)")
        throw HTTPFailure(
          503, "not-ready", "A gallery does not answer, or cannot be changed; the server's log says more.",
          retryAfter: 5)
      }
    }
  }

  private static func metrics(_ call: Call) throws -> String {
    let service = call.service
    // Without a gallery it is the key for metrics, which is for all of them.
    let galleries = call.grant.map { [$0.gallery] } ?? service.galleries
    var families = MetricFamily.merged(try galleries.map(of))
    // What all galleries share would tell the key of one how busy the others are.
    let isWhole = galleries.count == service.galleries.count
    if isWhole { families += shared(service) + ProcessFigures.families }
    if let version = service.settings.version {
      families.append(
        MetricFamily(
          "facegallery_build_info", "gauge", "1, labelled with the program's version.",
          [.init(["version": version], 1)]))
    }
    return service.metrics.text(of: galleries.map(\.name), withOthers: isWhole, families)
  }

  /// A gallery's own figures.
  private static func of(_ served: ServedGallery) throws -> [MetricFamily] {
    let info = try served.gallery.info()
    let label = ["gallery": served.name]
    return (info.replication.map { copy($0, label) } ?? []) + [
      MetricFamily("facegallery_faces", "gauge", "Faces in the gallery.", [.init(label, Double(info.faces))]),
      MetricFamily(
        "facegallery_people", "gauge", "People in the gallery.", [.init(label, Double(info.people))]),
      MetricFamily(
        "facegallery_database_bytes", "gauge", "Bytes of the gallery's database.",
        [.init(label, Double(info.databaseBytes))]),
      MetricFamily(
        "facegallery_index_bytes", "gauge", "Bytes of the index in memory.",
        [.init(label, Double(info.index.memoryBytes))]),
      MetricFamily(
        "facegallery_index_tail", "gauge", "Changes that the index has yet to take in.",
        [.init(label, Double(info.tail))]),
      MetricFamily(
        "facegallery_index_failures_total", "counter",
        "How often the index could not be brought up to date or saved in the background; queries are right all the same.",
        [.init(label, Double(info.index.failures))]),
      MetricFamily(
        "facegallery_queries_total", "counter", "Queries, by the way in which they were answered.",
        info.index.planCounts.map { .init(label.merging(["plan": $0.key]) { $1 }, Double($0.value)) }),
    ]
  }

  /// How a copy follows its truth.
  private static func copy(_ status: ReplicaStatus, _ label: [String: String]) -> [MetricFamily] {
    func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
      MetricFamily("facegallery_copy_" + name, "gauge", help, [.init(label, value)])
    }
    var families = [
      gauge(
        "sequence", "The last change that the copy of the gallery in PostgreSQL has.", Double(status.sequence)
      ),
      gauge(
        "lag_changes", "Changes that the copy has yet to take in, as far as is known.", Double(status.lag)),
      gauge(
        "connected", "1 when PostgreSQL answered when it was asked last, else 0.", status.isConnected ? 1 : 0),
      gauge("copying", "1 while everything is copied anew, else 0.", status.isCopying ? 1 : 0),
      MetricFamily(
        "facegallery_copy_rollbacks_total", "counter",
        "How often PostgreSQL had lost commits in a failover that the copy had, and undid.",
        [.init(label, Double(status.rollbacks))]),
      MetricFamily(
        "facegallery_copy_copies_total", "counter", "How often everything was copied.",
        [.init(label, Double(status.copies))]),
    ]
    if let inStep = status.inStep {
      families.append(
        gauge(
          "lag_seconds", "Seconds since the copy was known to have all that PostgreSQL has.",
          max(Date.now.timeIntervalSince(inStep), 0)))
    }
    return families
  }

  /// Figures of the server's work for all galleries together.
  private static func shared(_ service: GalleryService) -> [MetricFamily] {
    let occupancy = service.occupancy.current
    let attempts = service.attempts.counts
    var families = [
      MetricFamily(
        "facegallery_requests_in_flight", "gauge", "Requests at work.",
        [.init([:], Double(occupancy.requests))]),
      MetricFamily(
        "facegallery_changes_in_flight", "gauge", "Changes at work or waiting to be written.",
        [.init([:], Double(service.occupancy.changeCount))]),
      MetricFamily(
        "facegallery_photo_queue_depth", "gauge",
        "Requests with photos that are at work or wait for the engine.",
        [.init([:], Double(occupancy.uploads))]),
      MetricFamily(
        "facegallery_refused_keys_total", "counter",
        "Keys that nobody knows, and keys not looked at because of those before.",
        [
          .init(["reason": "unknown"], Double(attempts.wrong)),
          .init(["reason": "slowed"], Double(attempts.slowed)),
        ]),
    ]
    if let counts = service.webhooks?.counts {
      families += [
        MetricFamily(
          "facegallery_webhook_events_total", "counter",
          "Events for the webhook, by what became of them: overflow found the queue full, undelivered were refused or tried often enough.",
          [
            .init(["result": "delivered"], Double(counts.delivered)),
            .init(["result": "overflow"], Double(counts.overflowed)),
            .init(["result": "undelivered"], Double(counts.undelivered)),
          ]),
        MetricFamily(
          "facegallery_webhook_retries_total", "counter", "Attempts to deliver an event after the first one.",
          [.init([:], Double(counts.retries))]),
        MetricFamily(
          "facegallery_webhook_queue_depth", "gauge", "Events that wait to be delivered.",
          [.init([:], Double(counts.waiting))]),
      ]
    }
    if let statistics = service.engineStatistics {
      families += [
        MetricFamily(
          "facegallery_embedding_queue_depth", "gauge", "Faces that wait to be embedded.",
          [.init([:], Double(statistics.waiting))]),
        MetricFamily(
          "facegallery_embedding_batches_total", "counter", "Batches of faces embedded.",
          [.init([:], Double(statistics.batches))]),
        MetricFamily(
          "facegallery_embedded_faces_total", "counter", "Faces embedded.",
          [.init([:], Double(statistics.faces))]),
      ]
    }
    return families
  }
}
