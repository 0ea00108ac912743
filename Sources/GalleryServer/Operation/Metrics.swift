internal import Synchronization

/// Counters and histograms in Prometheus' text format, for each gallery apart: nobody's key tells what others ask.
final class Metrics: Sendable {
  private struct Key: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  private struct Histogram {
    var counts = [Int](repeating: 0, count: Metrics.bounds.count)
    var count = 0
    var seconds: Double = 0

    func merged(with other: Histogram) -> Histogram {
      Histogram(
        counts: zip(counts, other.counts).map(+), count: count + other.count, seconds: seconds + other.seconds
      )
    }
  }

  private struct Counts {
    var requests: [Key: Int] = [:]
    var latencies: [String: Histogram] = [:]
  }

  static let bounds: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// By the gallery's name; nil is what was not let in to any.
  private let state = Mutex<[String?: Counts]>([:])

  /// Counts a request.
  ///
  /// - Parameter gallery: The gallery to which it was let in; nil is none.
  func count(gallery: String?, method: String, route: String, status: Int, seconds: Double) {
    state.withLock { state in
      var counts = state.removeValue(forKey: gallery) ?? Counts()
      defer { state[gallery] = counts }
      counts.requests[Key(method: method, route: route, status: status), default: 0] += 1
      var histogram = counts.latencies[route] ?? Histogram()
      if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { histogram.counts[bucket] += 1 }
      histogram.count += 1
      histogram.seconds += seconds
      counts.latencies[route] = histogram
    }
  }

  /// The counters and histograms of some galleries together, and these gauges.
  ///
  /// - Parameter withOthers: Whether requests count, too, that were not let in to any gallery: those without a key, or refused.
  func text(of galleries: [String], withOthers: Bool, _ gauges: [MetricFamily]) -> String {
    let state = state.withLock { $0 }
    var counts = Counts()
    let others: [String?] = withOthers ? [nil] : []
    for one in (galleries + others).compactMap({ state[$0] }) {
      counts.requests.merge(one.requests, uniquingKeysWith: +)
      counts.latencies.merge(one.latencies) { $0.merged(with: $1) }
    }
    let requests = MetricFamily(
      "facegallery_http_requests_total", "counter", "Requests answered, by route pattern and status.",
      counts.requests.map {
        .init(
          ["method": $0.key.method, "route": $0.key.route, "status": "\($0.key.status)"],
          Double($0.value))
      })
    var samples: [MetricFamily.Sample] = []
    for (route, histogram) in counts.latencies.sorted(by: { $0.key < $1.key }) {
      var sum = 0
      for (bound, count) in zip(Self.bounds, histogram.counts) {
        sum += count
        samples.append(.init(["route": route, "le": "\(bound)"], Double(sum), suffix: "_bucket"))
      }
      samples.append(.init(["route": route, "le": "+Inf"], Double(histogram.count), suffix: "_bucket"))
      samples.append(.init(["route": route], histogram.seconds, suffix: "_sum"))
      samples.append(.init(["route": route], Double(histogram.count), suffix: "_count"))
    }
    let latencies = MetricFamily(
      "facegallery_http_request_seconds", "histogram", "Seconds from a request's head to its reply.", samples,
      keepsOrder: true)
    return ([requests, latencies] + gauges).map(\.text).joined()
  }
}
