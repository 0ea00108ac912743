internal import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

/// Keeps the index in step with the store: opens its snapshot, follows the change log, builds it anew when it
/// has to, and saves it.
///
/// The store is the truth. The index in memory holds every change up to ``View/sequence``, and perhaps some
/// after it; a search scans the changes after it by itself, so it never waits for the index.
final class IndexKeeper: Sendable {
  /// The index as far as it goes.
  struct View {
    let index: HNSWIndex
    /// Every change up to this one is in the index.
    let sequence: UInt64
  }

  struct State {
    var index: HNSWIndex?
    var sequence: UInt64 = 0
    var tag: UInt64 = 0
    /// Whether the snapshot was looked for.
    var isLoaded = false
    /// What the snapshot on disk was like when it was looked for, or written.
    var snapshot: (state: GalleryInfo.SnapshotState, sequence: UInt64?, problem: String?) = (
      .missing, nil, nil
    )
    /// Whether the index has been changed since it was opened: the first change of a mapped one reads all of it.
    var isWarm = false
    var planCounts: [String: Int] = [:]
    /// Commits of this process.
    var commits = 0
    /// The faces that met the conditions asked for last, as of a change.
    var filter: (conditions: [TagCondition], sequence: UInt64, faces: FaceFilter)?
  }

  let store: Store
  let snapshot: IndexSnapshot
  let persons: PersonMap
  let options: GalleryOptions
  let state = Mutex(State())
  /// Held by the thread that changes the index.
  let changing = Mutex(())
  let worker = BackgroundWorker()
  /// Threads that ask for pages; see ``prefetchTail()``.
  let prefetching = DispatchGroup()

  /// Up to so many faces, every query compares all of them faster than the index could be opened.
  static let smallGallery = 1_000
  /// Up to so many faces, the index is brought up to date and saved without a second thought.
  static let lightGallery = 20_000
  /// Up to so many changes, a query brings the index up to date before it searches.
  static let lightTail: UInt64 = 128

  init(_ store: Store, folder: URL, options: GalleryOptions) throws {
    self.store = store
    self.options = options
    snapshot = IndexSnapshot(folder: folder)
    let sequence = try store.environment.read { try store.counters($0).sequence }
    persons = PersonMap(store, from: sequence)
  }

  var canSave: Bool { options.access != .readOnly }

  /// The index, if there is one.
  var view: View? {
    state.withLock { state in state.index.map { View(index: $0, sequence: state.sequence) } }
  }

  /// Opens the snapshot, the first time; takes milliseconds at any size.
  func load() throws {
    if state.withLock({ $0.isLoaded }) { return }
    prefetchTail()
    try store.environment.read { transaction in
      let finding = try snapshot.open(for: store, transaction)
      let counters = try store.counters(transaction)
      let dimension = try store.fingerprint(transaction)?.dimension
      try state.withLock { state in
        guard !state.isLoaded else { return }
        state.snapshot = (finding.state, finding.label?.sequence, finding.problem)
        if let index = finding.index, let label = finding.label {
          (state.index, state.sequence, state.tag) = (index, label.sequence, label.tag)
        } else if counters.trimmed == 0, let dimension {
          // The change log tells the whole history: an empty index and all of it are a beginning.
          state.index = try HNSWIndex(HNSWIndex.Configuration(dimension: dimension))
          (state.sequence, state.tag) = (0, 0)
          state.isWarm = true
        }
        // Before the first face there is nothing to open, and the dimension is not known.
        state.isLoaded = dimension != nil
      }
    }
  }

  /// Gives the index up after it was found damaged, so that it is built anew.
  func discard(_ index: HNSWIndex, because problem: String) {
    state.withLock { state in
      guard state.index === index else { return }
      state.index = nil
      state.snapshot = (.damaged, nil, problem)
    }
  }

  /// Does something with the index; one whose snapshot turns out to be damaged is built anew before.
  ///
  /// A mapped snapshot is verified while it is in use already, so damage may show this late.
  func withSoundIndex(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as IndexError {
      guard case .damaged = error, let view else { throw error }
      discard(view.index, because: error.description)
      try catchUp()
      try body()
    }
  }

  /// The faces that meet conditions; kept until something changes, for many queries with the same.
  func filter(
    _ conditions: [TagCondition], _ counters: Counters, _ transaction: borrowing ReadTransaction
  ) throws -> FaceFilter {
    if let kept = state.withLock({ $0.filter }), kept.sequence == counters.sequence,
      kept.conditions == conditions
    {
      return kept.faces
    }
    let faces = try store.environment.readingAhead { try store.faces(matching: conditions, transaction) }
    state.withLock { $0.filter = (conditions, counters.sequence, faces) }
    return faces
  }

  /// Counts a query by the way it went.
  func count(_ plan: String) {
    state.withLock { $0.planCounts[plan, default: 0] += 1 }
  }
}
