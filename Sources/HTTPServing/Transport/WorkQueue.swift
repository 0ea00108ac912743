internal import Support

/// Threads that do the work of several owners in turns.
///
/// The next job is one of the group that has had least so far, and within it of the owner who has had least, where a
/// job counts as much as it weighs (start-time fair queueing). So nobody waits behind all of somebody else's jobs, and a
/// heavy job costs its owner as many turns as it is heavy.
///
/// Jobs at work weigh no more than a capacity together, and those of one owner no more than is left for the others. However light
/// they are, an owner and a group have so many threads at most: a job is not interrupted, and who comes next would wait for its end.
final class WorkQueue: Sendable {
  private struct Job {
    let weight: Int
    let cancellation: Cancellation?
    let body: @Sendable () -> Void
  }

  private struct Line {
    // Those before `next` are gone: a job holds its request, with its body and its place.
    private var jobs: [Job?] = []
    private var next = 0
    /// What the owner has had, counted from what others had had when it came.
    var served = 0.0
    var isEmpty: Bool { next == jobs.count }
    /// The job whose turn it is.
    var first: Job? { isEmpty ? nil : jobs[next] }

    init(served: Double) { self.served = served }

    mutating func append(_ job: Job) { jobs.append(job) }

    mutating func dropCancelled() -> [Job] {
      var (kept, dropped): ([Job], [Job]) = ([], [])
      // Each is asked once: another may be cancelled at any moment.
      for case let job? in jobs[next...] {
        if job.cancellation?.isCancelled == true { dropped.append(job) } else { kept.append(job) }
      }
      (jobs, next) = (kept, 0)
      return dropped
    }

    mutating func takeFirst() {
      served += Double(jobs[next]?.weight ?? 0)
      jobs[next] = nil
      next += 1
      if next >= 1_024 {
        jobs.removeFirst(next)
        next = 0
      }
    }
  }

  private struct Group {
    var lines: [Owner: Line] = [:]
    var served = 0.0
    /// What the owner whose turn was last had had.
    var clock = 0.0

    mutating func add(_ job: Job, for owner: Owner) {
      // Who comes anew starts level with those who are there: nobody saves up turns.
      lines[owner, default: Line(served: clock)].append(job)
    }

    mutating func takeFirst(of owner: Owner, weight: Int) {
      clock = lines[owner]?.served ?? clock
      served += Double(weight)
      lines[owner]?.takeFirst()
    }
  }

  private struct State {
    var groups: [String: Group] = [:]
    var clock = 0.0
    var running: SharedBudget
    /// How many jobs of each group are at work, and may be; and of each owner.
    var atWork: [String: Int] = [:]
    var ownersAtWork: [Owner: Int] = [:]
    let groupLimit: Int
    let ownerLimit: Int
    var waiting = 0
    var isStopped = false

    mutating func pop() -> (Owner, Job)? {
      guard waiting > 0, let (owner, job) = next() else { return nil }
      waiting -= 1
      atWork[owner.group, default: 0] += 1
      ownersAtWork[owner, default: 0] += 1
      clock = groups[owner.group]?.served ?? clock
      groups[owner.group]?.takeFirst(of: owner, weight: job.weight)
      return (owner, job)
    }

    /// Forgets an owner, or the group, who has nothing more to do: they are level with the others on coming again. Whose job is at work
    /// is not forgotten: what that adds has its turn behind those who have had less.
    mutating func forgetIfDone(_ owner: Owner) {
      if groups[owner.group]?.lines[owner]?.isEmpty == true, running.amount(of: owner) == 0 {
        groups[owner.group]?.lines[owner] = nil
      }
      if groups[owner.group]?.lines.isEmpty == true { groups[owner.group] = nil }
    }

    mutating func end(_ job: Job, of owner: Owner) {
      running.give(job.weight, from: owner)
      let rest = (atWork[owner.group] ?? 1) - 1
      atWork[owner.group] = rest > 0 ? rest : nil
      let own = (ownersAtWork[owner] ?? 1) - 1
      ownersAtWork[owner] = own > 0 ? own : nil
      forgetIfDone(owner)
    }

    /// The job whose turn it is, which has its part of the capacity from here on; nil when it has to wait for others to
    /// end, and then nobody passes it: a heavy job gets its turn, too. Owners and groups who have their part already are
    /// passed.
    private mutating func next() -> (Owner, Job)? {
      for (name, group) in groups.sorted(by: { ($0.value.served, $0.key) < ($1.value.served, $1.key) }) {
        guard atWork[name, default: 0] < groupLimit else { continue }
        let lines = group.lines.sorted { ($0.value.served, $0.key.name) < ($1.value.served, $1.key.name) }
        for (owner, line) in lines {
          guard let job = line.first, ownersAtWork[owner, default: 0] < ownerLimit else { continue }
          if running.take(job.weight, for: owner) { return (owner, job) }
          if running.amount(of: owner) == 0 { return nil }
        }
      }
      return nil
    }
  }

  private let state: Monitor<State>
  private let capacity: Int

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - name: The threads' name.
  ///   - threads: How many jobs run at the same time.
  ///   - capacity: What jobs at work may weigh together; a job that is heavier counts as this.
  ///   - groupLimit: How many jobs of a group run at the same time.
  ///   - ownerLimit: How many jobs of an owner run at the same time.
  /// - Throws: ``ServerError`` `unavailable` when no thread can be made; fewer than wished are enough.
  init(
    _ name: String, threads: Int, capacity: Int = .max, groupLimit: Int = .max, ownerLimit: Int = .max
  ) throws(ServerError) {
    self.capacity = max(1, capacity)
    state = Monitor(
      State(
        running: SharedBudget(capacity: self.capacity), groupLimit: max(1, groupLimit),
        ownerLimit: max(1, ownerLimit)))
    var count = 0
    for _ in 0..<max(1, threads) {
      let hasBegun = WorkerThread.start(name) { [self] in
        while let (owner, job) = take() {
          job.body()
          end(job, of: owner)
        }
      }
      if hasBegun { count += 1 }
    }
    guard count > 0 else { throw ServerError(.unavailable, "The system lets no thread be made.") }
  }

  /// Jobs that wait.
  var waitingCount: Int { state.withLock(waking: .nobody) { $0.waiting } }

  /// Adds a job.
  ///
  /// - Parameters:
  ///   - owner: Whose turn it takes.
  ///   - weight: How many turns, and what of the capacity while it runs.
  ///   - cancellation: Says that nobody waits for it any more; see ``dropCancelled(of:)``.
  ///   - body: What is done, in any case.
  func enqueue(
    for owner: Owner, weight: Int = 1, cancellation: Cancellation? = nil,
    _ body: @escaping @Sendable () -> Void
  ) {
    let job = Job(weight: min(max(1, weight), capacity), cancellation: cancellation, body: body)
    state.withLock(waking: .one) { state in
      state.groups[owner.group, default: Group(served: state.clock)].add(job, for: owner)
      state.waiting += 1
    }
  }

  /// Takes an owner's jobs out of turn for which nobody waits any more, and has them end on this thread.
  func dropCancelled(of owner: Owner) {
    let jobs = state.withLock { state in
      let jobs = state.groups[owner.group]?.lines[owner]?.dropCancelled() ?? []
      state.waiting -= jobs.count
      state.forgetIfDone(owner)
      return jobs
    }
    for job in jobs { job.body() }
  }

  /// Ends the threads when what waits is done.
  func stop() { state.withLock { $0.isStopped = true } }

  private func take() -> (Owner, Job)? {
    state.firstResult { state in
      if let next = state.pop() { return .some(next) }
      return state.waiting == 0 && state.isStopped ? .some(nil) : nil
    }
  }

  private func end(_ job: Job, of owner: Owner) {
    let othersMayGoOn = state.withLock(waking: .nobody) { state in
      state.end(job, of: owner)
      return state.waiting > 0 || state.isStopped
    }
    // What became free may be enough for several.
    if othersMayGoOn { state.wakeAll() }
  }
}
