internal import Foundation
internal import Support
internal import Synchronization

/// Keeps a copy in step with the truth, on a thread of its own, until it is stopped.
///
/// The server's notifications only wake it: what there is to do is told by the truth itself, which is also asked every now and then. Standbys
/// give no notifications; they are asked often.
final class ReplicaFollower: Sendable {
  private struct State {
    var status: ReplicaStatus
    var isStopped = false
    var isStepping = false
    var facts: ServerFacts?
  }

  let local: LMDBStore
  private let url: URL
  private let state: Monitor<State>
  /// The truth as it is followed: who goes away is not waited for, but asked again later.
  private let truth = Mutex<PostgresStore?>(nil)
  /// Is told, on any thread, what stands in the way, once.
  private let warn: @Sendable (String) -> Void

  /// How long nothing is asked where notifications come, and where none do, and after how long it is looked whether it is to stop, in
  /// milliseconds.
  private static let calm = 1000
  private static let busy = 40
  private static let part = 200
  /// The longest time between attempts to reach a truth that is away, in seconds.
  private static let longestPause = 5.0

  init(_ local: LMDBStore, of url: URL, _ status: ReplicaStatus, warn: @escaping @Sendable (String) -> Void) {
    self.local = local
    self.url = url
    self.warn = warn
    state = Monitor(State(status: status))
  }

  var status: ReplicaStatus { state.withLock(waking: .nobody) { $0.status } }

  /// What keeps the truth, as it said when it was reached last.
  var facts: ServerFacts? { state.withLock(waking: .nobody) { $0.facts } }

  private var isStopped: Bool { state.withLock(waking: .nobody) { $0.isStopped } }

  // MARK: A step

  /// Brings the copy to the last commit of the truth.
  ///
  /// - Returns: False, at once, while another thread does.
  /// - Throws: ``GalleryError``.
  @discardableResult
  func step() throws -> Bool {
    let isMine = state.withLock(waking: .nobody) { state in
      defer { state.isStepping = true }
      return !state.isStepping
    }
    guard isMine else { return false }
    defer { state.withLock { $0.isStepping = false } }
    do {
      while try !attempt() {}
      return true
    } catch {
      note(error)
      throw error
    }
  }

  /// Runs one step; false when another process has moved the copy on meanwhile.
  private func attempt() throws -> Bool {
    let truth = try reach()
    let copier = ReplicaCopier(local: local, truth: truth) { [state] faces in
      state.withLock { state in
        state.status.isCopying = true
        state.status.copiedFaces = faces
      }
    }
    guard let step = try copier.run() else { return false }
    let wasAway = state.withLock { state in
      defer {
        state.status.commits = step.mark.number
        state.status.sequence = step.sequence
        state.status.truthCommits = step.mark.number
        state.status.truthSequence = step.sequence
        state.status.inStep = .now
        state.status.isConnected = true
        state.status.isCopying = false
        state.status.rollbacks += step.wasRolledBack ? 1 : 0
        state.status.copies += step.wasCopied ? 1 : 0
        state.status.problem = nil
      }
      return state.status.problem != nil
    }
    if wasAway { warn("The copy follows \(status.server) again.") }
    if step.wasRolledBack {
      warn(
        "\(status.server) has lost changes that were made before a failover; the copy has undone them, too.")
    }
    return true
  }

  private func note(_ error: any Error) {
    let problem = (error as? GalleryError)?.message ?? "\(error)"
    let isNew = state.withLock { state in
      defer {
        state.status.isConnected = false
        state.status.isCopying = false
        state.status.problem = problem
      }
      return state.status.problem == nil
    }
    if isNew { warn("The copy does not follow for now, and goes on answering: \(problem)") }
  }

  private func reach() throws -> PostgresStore {
    try truth.withLock { truth in
      if let truth { return truth }
      let store = try PostgresStore(at: url, access: .readOnly, patience: 0)
      guard store.uuid == local.uuid else {
        throw GalleryError(
          .replaced,
          "Another gallery is at \(store.place) than the one that was copied; name another folder for its copy."
        )
      }
      let facts = try store.server()
      state.withLock { $0.facts = facts }
      truth = store
      return store
    }
  }

  // MARK: Waiting

  /// Waits until the copy has a commit, and brings it there where nobody else does.
  ///
  /// - Returns: Whether it has; false when the truth has lost it.
  /// - Throws: ``GalleryError`` with code `outcomeUnknown` when the time is over.
  func wait(for mark: CommitMark, until deadline: ContinuousClock.Instant) throws -> Bool {
    while true {
      if status.commits >= mark.number {
        // One that is not remembered any more was followed long ago.
        return try local.view { try $0.followedCommit(mark.number) }.map { $0.mark == mark } ?? true
      }
      var problem: String?
      do {
        // What another thread does may have begun before the commit: then it is asked once more.
        if try step(), status.commits >= mark.number { continue }
      } catch {
        problem = (error as? GalleryError)?.message ?? "\(error)"
      }
      guard ContinuousClock.now < deadline, !isStopped else {
        let reason = problem.map { " (\($0))" } ?? ""
        throw GalleryError(
          .outcomeUnknown,
          "The change was made at \(status.server), but the copy of this server does not have it yet\(reason); look before you make it again."
        )
      }
      // A truth that is away, or a standby that lags, is asked again soon.
      let pause = ContinuousClock.now + .milliseconds(problem == nil ? 5 : 50)
      _ = state.withLock(when: { $0.isStopped }, until: min(deadline, pause), waking: .nobody) { _ in }
    }
  }

  // MARK: The thread

  /// Starts following; `stop` ends it.
  ///
  /// - Returns: Whether the system gave a thread.
  func start() -> Bool { WorkerThread.start("follow") { self.run() } }

  func stop() { state.withLock { $0.isStopped = true } }

  private func run() {
    var pause = 0.05
    while !isStopped {
      do {
        let listener = try PostgresListener(to: reach())
        while !isStopped {
          try step()
          pause = 0.05
          try rest(listener)
        }
      } catch {
        note(error)
        truth.withLock { $0?.forgetConnections() }
        pauseUnlessStopped(pause * .random(in: 0.5...1))
        pause = min(2 * pause, Self.longestPause)
      }
    }
  }

  /// Waits for a notification, or until it is time to ask again.
  private func rest(_ listener: PostgresListener?) throws {
    guard let listener else { return pauseUnlessStopped(Double(Self.busy) / 1000) }
    // Whoever waits for a notification does not see that it is to stop.
    for _ in 0..<Self.calm / Self.part where !isStopped {
      if try listener.wait(milliseconds: Self.part) { return }
    }
  }

  private func pauseUnlessStopped(_ seconds: Double) {
    _ = state.withLock(
      when: { $0.isStopped }, until: .now + .seconds(seconds), waking: .nobody
    ) { _ in }
  }
}
