package import Foundation
internal import Synchronization

/// A store that is gone with its process: for tests, which need no files.
///
/// A snapshot is the value of its state, so that one that is open never changes.
package final class InMemoryStore: Store {
  package let uuid = UUID()
  package let created = Date.storable
  package let schemaVersion = 1
  package let isReadOnly = false

  private let state = Mutex(InMemoryState())
  /// Held by the writer.
  private let writing = Mutex(())

  package init() {}

  package func read<Result>(
    ahead: Bool, _ body: (borrowing Snapshot) throws -> Result
  ) throws -> Result {
    let snapshot: Snapshot = InMemorySnapshot(state: state.withLock { $0 })
    return try body(snapshot)
  }

  package func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result {
    try writing.withLock { _ in
      let draft = InMemoryDraft(state.withLock { $0 })
      let writer: Writer = InMemoryWriter(draft: draft)
      let result = try body(writer)
      draft.commit { new in state.withLock { $0 = new } }
      return result
    }
  }

  package func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport {
    let state = state.withLock { $0 }
    progress?(state.faces.count, state.faces.count)
    var report = state.check()
    let snapshot = InMemorySnapshot(state: state)
    report.namesakes = snapshot.namesakes().map { group in group.compactMap { try? snapshot.person($0) } }
    return report
  }
}

/// The state of the last commit.
struct InMemorySnapshot: InMemoryReading, ~Copyable {
  let state: InMemoryState
}
