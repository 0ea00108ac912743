package import Foundation
internal import Synchronization

/// A copy in files of a gallery that PostgreSQL keeps: it is read, and follows; what is changed is changed there.
///
/// Reads never ask the server, and go on without it. A change is done when the copy has it, too: who changes something reads it back.
package final class ReplicaStore: Store {
  let local: LMDBStore
  let follower: ReplicaFollower
  private let url: URL
  private let truth = Mutex<PostgresStore?>(nil)

  /// How long a server that does not answer is waited for before nothing is changed, in seconds.
  private static let patience = 2.0
  /// How long a change that was made is waited for until the copy has it, in seconds.
  private static let catchingUp = 30.0

  /// Opens the copy in a folder, or makes it, and brings it in step. One that was made before is opened without the server, too.
  ///
  /// - Parameters:
  ///   - url: The address of the truth.
  ///   - folder: Where the copy is; a folder that is empty or not there, or one that holds a copy of this gallery.
  ///   - progress: Called with the number of faces while the first copy is made.
  ///   - warn: Is told, on any thread, what stands in the way of following, and that it goes on.
  /// - Throws: ``GalleryError``: `unavailable` where there is no copy yet and nobody to ask, `invalidArgument` for a folder of another gallery, ….
  package init(
    of url: URL, in folder: URL, progress: (@Sendable (Int) -> Void)? = nil,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.url = url
    let shown = Stores.shown(url)
    let path = folder.path(percentEncoded: false)
    if Stores.folder(at: folder).contents == .vacant {
      let store = try PostgresStore(at: url, access: .existing, patience: Self.patience)
      local = try LMDBStore(
        at: folder, access: .createIfMissing,
        head: GalleryHead(uuid: store.uuid, created: store.created, replica: ReplicaState(server: shown)))
    } else {
      local = try LMDBStore(at: folder, access: .existing, head: GalleryHead())
    }
    guard let state = try local.replicaState(), !state.isOnce else {
      throw GalleryError(
        .invalidArgument,
        "\(path) holds a gallery of its own and no copy of another one; name an empty folder, or one that is not there."
      )
    }
    let sequence = try local.view { try $0.counters().sequence }
    follower = ReplicaFollower(local, of: url, ReplicaStatus(state, sequence: sequence), warn: warn)
    do {
      try follower.step()
    } catch let error as GalleryError where state.isComplete && error.code == .unavailable {
      // It has been told, and what was copied before can be asked.
    }
    guard follower.start() else {
      throw GalleryError(.outOfMemory, "The system lets no thread be made that follows \(shown).")
    }
  }

  deinit { follower.stop() }

  // MARK: Reading

  package var uuid: UUID { local.uuid }

  package var created: Date { local.created }

  package var schemaVersion: Int { local.schemaVersion }

  package var isReadOnly: Bool { false }

  package var replication: ReplicaStatus? { follower.status }

  package func server() throws -> ServerFacts? { follower.facts }

  package func read<Result>(ahead: Bool, _ body: (borrowing Snapshot) throws -> Result) throws -> Result {
    try local.read(ahead: ahead, body)
  }

  package func readingAhead<Result>(_ body: () throws -> Result) rethrows -> Result {
    try local.readingAhead(body)
  }

  package func checkPlace() throws { try local.checkPlace() }

  package func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport {
    // What is damaged here is not repaired, but copied anew.
    try local.check(repair: false, progress: progress)
  }

  package func copy(to folder: String, progress: (@Sendable (Int) -> Void)?) throws {
    try local.copy(to: folder, progress: progress)
  }

  package func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    try local.withoutWriters(body)
  }

  package func trimLog(through sequence: UInt64) throws { try local.trimLog(through: sequence) }

  // MARK: Writing

  /// Changes the truth, and returns when the copy has it.
  ///
  /// - Throws: ``GalleryError``: `unavailable` where the truth cannot be reached, or everything is being copied anew, and nothing was changed;
  ///   `outcomeUnknown` when the change was made, and the copy does not get it.
  package func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result {
    let status = follower.status
    if status.isCopying {
      throw GalleryError(
        .unavailable,
        "Nothing is changed while the gallery at \(status.server) is copied anew; try again later.")
    }
    let (result, commit) = try reach().change(body)
    guard let commit else { return result }
    guard try follower.wait(for: commit, until: .now + .seconds(Self.catchingUp)) else {
      throw GalleryError(
        .outcomeUnknown,
        "The change was made at \(status.server), and lost when another server took its place; look before you make it again."
      )
    }
    return result
  }

  private func reach() throws -> PostgresStore {
    try truth.withLock { truth in
      if let truth { return truth }
      let store = try PostgresStore(at: url, access: .existing, patience: Self.patience)
      guard store.uuid == local.uuid else {
        throw GalleryError(
          .replaced, "Another gallery is at \(store.place) than the one that was copied.")
      }
      truth = store
      return store
    }
  }
}
