internal import Foundation
internal import Synchronization

/// Slows down addresses that try out keys: after some wrong ones an address has to wait, twice as long after each more.
///
/// While it waits, its keys are not looked at, right ones neither: else the wait would not slow a search. Only keys that
/// came from the address before go on being taken, so that nobody behind a shared address locks the others out.
public final class AttemptLimiter: Sendable {
  /// What is to happen to a request with a key.
  public enum Judgement: Sendable, Hashable {
    /// The key is taken.
    case taken
    /// The key is wrong.
    case wrong
    /// The address has to wait so many seconds.
    case slowed(Int)
  }

  private struct Entry {
    var failures = 0
    var blockedUntil: ContinuousClock.Instant?
    var known: [String] = []
    var used: ContinuousClock.Instant
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var wrong = 0
    var slowed = 0
  }

  /// So many addresses are remembered; the one that was quiet longest is forgotten for another.
  public static let capacity = 4_096
  /// No wait is longer.
  public static let longestSeconds = 300
  /// After so many quiet seconds an address begins anew.
  public static let memorySeconds = 900
  /// So many keys are remembered of an address.
  private static let knownKeys = 32

  private let state = Mutex(State())
  private let free: Int

  /// Nobody has tried anything.
  ///
  /// - Parameter free: So many wrong keys of an address cost nothing; 0 sets no limit.
  public init(free: Int) { self.free = free }

  /// How many keys were wrong, and how many were not looked at.
  public var counts: (wrong: Int, slowed: Int) { state.withLock { ($0.wrong, $0.slowed) } }

  /// How many addresses are remembered.
  var addressCount: Int { state.withLock { $0.entries.count } }

  /// Judges a key.
  ///
  /// - Parameters:
  ///   - name: What the key is called; nil for a key that nobody knows.
  ///   - client: The address that it came from.
  ///   - now: The time.
  public func judge(
    _ name: String?, from client: String, now: ContinuousClock.Instant = .now
  ) -> Judgement {
    let address = SocketAddress.network(of: client)
    return state.withLock { state in
      var entry = state.entries[address] ?? Entry(used: now)
      if now - entry.used > .seconds(Self.memorySeconds) { entry = Entry(used: now) }
      entry.used = now
      defer { Self.store(entry, address, in: &state) }
      if let name, entry.known.contains(name) { return .taken }
      if let end = entry.blockedUntil, end > now {
        state.slowed += 1
        return .slowed(max(1, Int(((end - now) / .seconds(1)).rounded(.up))))
      }
      if let name {
        entry.known = entry.known.suffix(Self.knownKeys - 1) + [name]
        return .taken
      }
      entry.failures += 1
      state.wrong += 1
      if free > 0, entry.failures > free {
        let seconds = 1 << min(entry.failures - free - 1, 16)
        entry.blockedUntil = now + .seconds(min(seconds, Self.longestSeconds))
      }
      return .wrong
    }
  }

  private static func store(_ entry: Entry, _ address: String, in state: inout State) {
    if state.entries[address] == nil, state.entries.count >= capacity,
      let oldest = state.entries.min(by: { $0.value.used < $1.value.used })
    {
      state.entries[oldest.key] = nil
    }
    state.entries[address] = entry
  }
}
