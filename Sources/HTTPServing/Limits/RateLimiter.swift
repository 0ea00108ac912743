internal import Synchronization

/// A bucket of tokens for each key: one token a request, refilled steadily.
public final class RateLimiter: Sendable {
  /// Nobody is told to wait longer, in seconds.
  private static let longestWait: Double = 24 * 3600

  private let rate: Double
  private let buckets = Mutex<[String: Bucket]>([:])

  private struct Bucket {
    var tokens: Double
    var updated: ContinuousClock.Instant
  }

  /// Buckets of twice the rate, or of one; a rate of 0 sets no limit.
  public init(requestsPerSecond rate: Double) { self.rate = rate }

  /// Takes a token; else says after how many seconds there will be one.
  public func take(_ key: String, now: ContinuousClock.Instant = .now) -> Int? {
    guard rate > 0 else { return nil }
    let capacity = max(2 * rate, 1)
    return buckets.withLock { buckets in
      var bucket = buckets[key] ?? Bucket(tokens: capacity, updated: now)
      let seconds = Double((now - bucket.updated) / .milliseconds(1)) / 1_000
      bucket.tokens = min(capacity, bucket.tokens + max(0, seconds) * rate)
      bucket.updated = now
      defer { buckets[key] = bucket }
      guard bucket.tokens < 1 else {
        bucket.tokens -= 1
        return nil
      }
      // The rate may be next to nothing.
      return max(1, Int(min((1 - bucket.tokens) / rate, Self.longestWait).rounded(.up)))
    }
  }
}
