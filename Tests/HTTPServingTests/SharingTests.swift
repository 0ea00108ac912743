import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPServing

@Suite("What owners share")
struct SharingTests {
  private let a = Owner(group: "g", name: "a")
  private let b = Owner(group: "g", name: "b")
  private let c = Owner(group: "h", name: "c")
  private let free = 5

  @Test("an owner takes at most as much as is left for others, who always find something")
  func budget() {
    var budget = SharedBudget(capacity: 100)
    func take(_ amount: Int, _ owner: Owner) -> Bool { budget.take(amount, for: owner) }
    for _ in 0..<50 { #expect(take(1, a)) }
    #expect(!take(1, a))
    for _ in 0..<25 { #expect(take(1, b)) }
    #expect(!take(1, b))
    #expect(take(25, c))
    #expect(!take(1, c))
    #expect(budget.total == 100)
    budget.give(50, from: a)
    #expect(take(12, b))
    #expect(!take(2, b))
    budget.give(37, from: b)
    budget.give(25, from: c)
    #expect(budget.total == 0)
    // Who has nothing may take all that is there.
    #expect(take(100, a))
    #expect(!take(1, b))
    #expect(take(0, b))
  }

  @Test("places and room for bodies are shared, and a full server answers 503 until it is less full")
  func occupancy() throws {
    var limits = Limits()
    limits.requestsInFlight = 4
    limits.uploadsInFlight = 1
    limits.uploadBytes = 10
    limits.bodyBytesInFlight = 20
    let occupancy = Occupancy(limits)
    var places = [try RequestPlace(in: occupancy, for: a, lane: .uploads)]
    places.append(try RequestPlace(in: occupancy, for: a, lane: .uploads))
    #expect(throws: HTTPFailure.self) { try RequestPlace(in: occupancy, for: a, lane: .reads) }
    places.append(try RequestPlace(in: occupancy, for: b, lane: .reads))
    try places[0].hold(10)
    #expect(throws: HTTPFailure.self) { try places[1].hold(1) }
    try places[2].hold(5)
    #expect(occupancy.current.requests == 3)
    #expect(occupancy.current.bytes == 15)
    try places[0].beginWork()
    #expect(throws: HTTPFailure.self) { try places[1].beginWork() }
    #expect(occupancy.current.uploads == 1)
    places[0].endWork()
    try places[1].beginWork()
    #expect(!occupancy.close(within: 0))
    #expect(throws: HTTPFailure.self) { try RequestPlace(in: occupancy, for: c, lane: .reads) }
    #expect(!occupancy.cut())
    #expect(throws: HTTPFailure.self) { try places[2].beginWork() }
    places[1].endWork()
    #expect(occupancy.cut())
    places.removeAll()
    #expect(occupancy.current == (0, 0, 0))
    #expect(occupancy.close(within: 0))
  }

  @Test("a group has so many threads at a time, whoever of it asks, and the others are left for other groups")
  func groupLimit() throws {
    let queue = try WorkQueue("test", threads: 3, groupLimit: 2)
    let gate = DispatchSemaphore(value: 0)
    let begun = Mutex<[String]>([])
    let ended = Atomic(0)
    for name in ["1", "2", "3", "4"] {
      queue.enqueue(for: Owner(group: "a", name: name)) {
        begun.withLock { $0.append("a") }
        gate.wait()
        ended.add(1, ordering: .relaxed)
      }
    }
    #expect(eventually { begun.withLock { $0.count } == 2 })
    queue.enqueue(for: Owner(group: "b", name: "1")) {
      begun.withLock { $0.append("b") }
      ended.add(1, ordering: .relaxed)
    }
    #expect(eventually { ended.load(ordering: .relaxed) == 1 })
    #expect(begun.withLock { $0 } == ["a", "a", "b"] && queue.waitingCount == 2)
    for _ in 0..<4 { gate.signal() }
    #expect(eventually { ended.load(ordering: .relaxed) == 5 })
    queue.stop()
  }

  @Test("an owner has so many threads at a time, and the others are left for owners of the same group, too")
  func ownerLimit() throws {
    let queue = try WorkQueue("test", threads: 4, groupLimit: 3, ownerLimit: 2)
    let gate = DispatchSemaphore(value: 0)
    let begun = Mutex<[String]>([])
    let ended = Atomic(0)
    func add(_ owner: Owner, _ count: Int) {
      for _ in 0..<count {
        queue.enqueue(for: owner) {
          begun.withLock { $0.append(owner.name) }
          gate.wait()
          ended.add(1, ordering: .relaxed)
        }
      }
    }
    add(a, 4)
    #expect(eventually { begun.withLock { $0 } == ["a", "a"] })
    add(b, 4)
    #expect(eventually { begun.withLock { $0 } == ["a", "a", "b"] })
    add(c, 1)
    #expect(eventually { begun.withLock { $0 } == ["a", "a", "b", "c"] })
    #expect(queue.waitingCount == 5)
    for _ in 0..<9 { gate.signal() }
    #expect(eventually { ended.load(ordering: .relaxed) == 9 })
  }

  @Test("what a job adds for its owner has its turn behind others who have had less", arguments: ["b", "a"])
  func parts(group: String) throws {
    let queue = try WorkQueue("test", threads: 1)
    let gate = DispatchSemaphore(value: 0)
    let done = Mutex<[String]>([])
    let (batch, single) = (Owner(group: "a", name: "1"), Owner(group: group, name: "2"))
    @Sendable func part(_ number: Int) {
      gate.wait()
      done.withLock { $0.append("part") }
      if number < 5 { queue.enqueue(for: batch) { part(number + 1) } }
    }
    queue.enqueue(for: batch) { part(1) }
    for _ in 0..<2 {
      queue.enqueue(for: single) {
        gate.wait()
        done.withLock { $0.append("single") }
      }
    }
    for _ in 0..<7 { gate.signal() }
    #expect(eventually { done.withLock { $0.count } == 7 })
    #expect(done.withLock { $0 } == ["part", "single", "part", "single", "part", "part", "part"])
    queue.stop()
  }

  /// A queue with one thread that is held up while jobs come, and the order in which they are done.
  private func order(capacity: Int = .max, _ jobs: [(owner: Owner, weight: Int, name: String)]) throws
    -> [String]
  {
    let queue = try WorkQueue("test", threads: 1, capacity: capacity)
    defer { queue.stop() }
    let gate = DispatchSemaphore(value: 0)
    let done = Mutex<[String]>([])
    let hasBegun = Atomic(false)
    queue.enqueue(for: Owner(group: "first", name: "")) {
      hasBegun.store(true, ordering: .relaxed)
      gate.wait()
    }
    #expect(eventually { hasBegun.load(ordering: .relaxed) })
    for job in jobs {
      queue.enqueue(for: job.owner, weight: job.weight) { done.withLock { $0.append(job.name) } }
    }
    gate.signal()
    #expect(eventually { done.withLock { $0.count } == jobs.count })
    return done.withLock { $0 }
  }

  @Test("a job that is done is let go of, although others of its owner go on waiting")
  func done() throws {
    final class Request: Sendable {}
    struct Weak { weak var request: Request? }
    let queue = try WorkQueue("test", threads: 1)
    defer { queue.stop() }
    let gates = (0..<2).map { _ in DispatchSemaphore(value: 0) }
    let begun = Atomic(0)
    var requests: [Weak] = []
    func addGate(_ number: Int) {
      queue.enqueue(for: a) {
        begun.store(number + 1, ordering: .relaxed)
        gates[number].wait()
      }
    }
    addGate(0)
    for _ in 0..<5 {
      let request = Request()
      requests.append(Weak(request: request))
      queue.enqueue(for: a) { withExtendedLifetime(request) {} }
    }
    addGate(1)
    // Keeps the line from becoming empty.
    queue.enqueue(for: a) {}
    #expect(requests.allSatisfy { $0.request != nil })
    gates[0].signal()
    #expect(eventually { begun.load(ordering: .relaxed) == 2 })
    #expect(requests.allSatisfy { $0.request == nil })
    gates[1].signal()
  }

  @Test("groups take turns, and owners within them, whatever came first")
  func turns() throws {
    var jobs = (0..<6).map { (owner: a, weight: 1, name: "a\($0)") }
    jobs += (0..<3).map { (owner: b, weight: 1, name: "b\($0)") }
    jobs += (0..<3).map { (owner: c, weight: 1, name: "c\($0)") }
    #expect(
      try order(jobs) == ["a0", "c0", "b0", "c1", "a1", "c2", "b1", "a2", "b2", "a3", "a4", "a5"])
  }

  @Test("a heavy job costs as many turns as it is heavy")
  func weights() throws {
    var jobs = (0..<2).map { (owner: a, weight: 3, name: "a\($0)") }
    jobs += (0..<5).map { (owner: b, weight: 1, name: "b\($0)") }
    #expect(try order(jobs) == ["a0", "b0", "b1", "b2", "a1", "b3", "b4"])
  }

  @Test(
    "jobs at work weigh no more than the capacity, an owner's no more than is left, and the heaviest is done, too"
  )
  func capacity() throws {
    let queue = try WorkQueue("test", threads: 6, capacity: 100)
    defer { queue.stop() }
    struct Running {
      var weights: [Owner: Int] = [:]
      var most = 0
      var mostOfA = 0
      var done = 0
    }
    let running = Mutex(Running())
    func add(_ owner: Owner, _ weight: Int) {
      queue.enqueue(for: owner, weight: weight) {
        running.withLock { running in
          running.weights[owner, default: 0] += min(weight, 100)
          running.most = max(running.most, running.weights.values.reduce(0, +))
          running.mostOfA = max(running.mostOfA, running.weights[Owner(group: "g", name: "a")] ?? 0)
        }
        sched_yield()
        running.withLock { running in
          running.weights[owner, default: 0] -= min(weight, 100)
          running.done += 1
        }
      }
    }
    for round in 0..<200 {
      add(a, 20)
      add(b, 10 + round % 40)
      if round % 50 == 0 { add(c, 1_000) }
    }
    #expect(eventually { running.withLock { $0.done } == 404 })
    #expect(running.withLock { $0.most } <= 100)
    #expect(running.withLock { $0.mostOfA } <= 50)
  }

  @Test("an address that tries keys waits twice as long each time; its right keys go on, new ones do not")
  func attempts() {
    let limiter = AttemptLimiter(free: free)
    var now = ContinuousClock.now
    #expect(limiter.judge("known", from: "10.0.0.1", now: now) == .taken)
    for _ in 0..<free {
      #expect(limiter.judge(nil, from: "10.0.0.1", now: now) == .wrong)
    }
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
      #expect(limiter.judge(nil, from: "10.0.0.1", now: now) == .wrong)
      #expect(limiter.judge(nil, from: "10.0.0.1", now: now) == .slowed(wait))
      #expect(limiter.judge("guessed", from: "10.0.0.1", now: now) == .slowed(wait))
      #expect(limiter.judge("known", from: "10.0.0.1", now: now) == .taken)
      #expect(limiter.judge("another", from: "10.0.0.2", now: now) == .taken)
      now += .seconds(wait)
    }
    #expect(limiter.judge("guessed", from: "10.0.0.1", now: now) == .taken)
    #expect(limiter.counts.wrong == free + 11)
    #expect(limiter.counts.slowed == 22)
    now += .seconds(AttemptLimiter.memorySeconds + 1)
    for _ in 0..<free {
      #expect(limiter.judge(nil, from: "10.0.0.1", now: now) == .wrong)
    }
  }

  @Test("a subscriber's IPv6 addresses count as one, and the table of addresses is bounded")
  func addresses() {
    let limiter = AttemptLimiter(free: free)
    let now = ContinuousClock.now
    for number in 0...free {
      #expect(limiter.judge(nil, from: "2001:db8::\(number)", now: now) == .wrong)
    }
    #expect(limiter.judge(nil, from: "2001:db8::ffff", now: now) == .slowed(1))
    #expect(limiter.judge(nil, from: "2001:db8:0:1::1", now: now) == .wrong)
    for number in 0..<2 * AttemptLimiter.capacity {
      _ = limiter.judge(nil, from: "10.0.\(number / 256).\(number % 256)", now: now + .seconds(1))
    }
    #expect(limiter.addressCount == AttemptLimiter.capacity)
  }
}
