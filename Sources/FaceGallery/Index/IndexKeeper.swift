internal import Foundation
internal import GalleryStore
internal import Support
internal import Synchronization
internal import VectorIndex

/// Keeps the index in step with the store: opens its snapshot, follows the change log from there, and builds it anew when
/// there is nothing to follow.
///
/// The store is the truth. The index in memory holds every change up to ``View/sequence``, and perhaps some
/// after it; a search scans the changes after it by itself, so it never waits for the index.
final class IndexKeeper: Sendable {
  /// Up to so many faces, every query compares all of them faster than the index could be opened.
  static let smallGallery = 1_000
  /// Up to so many faces, the index is brought up to date and saved without a second thought.
  static let lightGallery = 20_000
  /// Up to so many changes, a query brings the index up to date before it searches.
  static let lightTail: UInt64 = 128

  /// From so many changes after the snapshot on, they are prefetched.
  private static let longTail: UInt64 = 8192
  /// Changes taken in at a time.
  private static let stretchLength = 512
  /// Vectors built in at a time.
  private static let batchLength = 1024

  /// The index as far as it goes.
  struct View {
    let index: HNSWIndex
    /// Every change up to this one is in the index.
    let sequence: UInt64
    /// The tag of that change.
    let tag: UInt64
    /// Of which history these changes are; see `StoreSnapshot.history()`.
    var history: UInt64 = 0
  }

  /// What the snapshot on disk was like when it was looked for, or written.
  struct SnapshotStatus {
    var state: GalleryInfo.SnapshotState
    var sequence: UInt64?
    var problem: String?
  }

  private struct State {
    var view: View?
    /// Whether the snapshot was looked for.
    var isLoaded = false
    /// Whether the index has been changed since it was opened: the first change of a mapped one reads all of it.
    var isWarm = false
    var snapshot = SnapshotStatus(state: .missing)
  }

  let store: any Store
  let snapshot: IndexSnapshot
  private let state = Mutex(State())
  /// Held by the thread that changes the index.
  private let changing = Mutex(())
  /// Threads that prefetch.
  private let prefetching = Countdown()

  /// - Parameter folder: Where the index is saved; nil where it is not, and is made only for what needs it.
  init(_ store: any Store, folder: URL?) {
    self.store = store
    snapshot = IndexSnapshot(folder: folder)
  }

  /// The index, if there is one.
  var view: View? { state.withLock { $0.view } }

  /// What the snapshot on disk was like when it was looked for, or written.
  var snapshotStatus: SnapshotStatus { state.withLock { $0.snapshot } }

  /// Whether the index, and so probably the store, is not all in memory, or the store not even on this machine.
  var isOnDisk: Bool { view?.index.isOnDisk == true || !snapshot.hasPlace }

  // MARK: In step

  /// Brings the index up to the store's last change: opens it, follows the log, or builds it if there is none.
  ///
  /// - Parameter isCancelled: Asked after every stretch of changes.
  /// - Returns: Whether the end was reached.
  @discardableResult
  func catchUp(isCancelled: () -> Bool = { false }) throws -> Bool {
    try changing.withLock { _ in
      try open()
      while !isCancelled() {
        do {
          guard let view else {
            guard try build(isCancelled: isCancelled) else { return false }
            continue
          }
          guard try follow(view) else { return true }
        } catch is OutOfReach {
          state.withLock { state in
            state.view = nil
            state.isLoaded = false
          }
          try open()
        } catch let error as IndexError {
          guard let view else { throw error }
          discard(view.index, because: error.description)
        }
      }
      return false
    }
  }

  /// Brings the index up to date before a query when that takes a moment only.
  ///
  /// - Returns: Whether it should be done in the background instead, while queries scan what is missing.
  func catchUpBriefly(_ counters: Counters, _ history: UInt64, faces: Int) -> Bool {
    let (view, isWarm) = state.withLock { ($0.view, $0.isWarm) }
    guard let view, view.history == history else { return snapshot.hasPlace && faces > Self.smallGallery }
    guard view.sequence < counters.sequence else { return false }
    let isLight = view.index.count <= Self.lightGallery || isWarm
    if isLight, counters.sequence - view.sequence <= Self.lightTail {
      // Whoever else is changing the index does it for us; the search scans what is still missing.
      try? changing.withLockIfAvailable { _ in
        while let view = self.view, try follow(view) {}
      }
      return false
    }
    return faces > Self.smallGallery
  }

  /// Builds the index anew, whatever there is, and brings it up to date.
  func rebuild(progress: ((Int, Int) -> Void)?) throws {
    _ = try changing.withLock { _ in try build(isCancelled: { false }, progress: progress) }
    try catchUp()
  }

  /// Opens the snapshot, the first time; takes milliseconds at any size.
  func open() throws {
    if state.withLock({ $0.isLoaded }) { return }
    prefetchTail()
    try store.read { stored in
      let finding = try snapshot.open(for: store.uuid, stored)
      let counters = try stored.counters()
      let dimension = try stored.fingerprint()?.dimension
      let history = try stored.history()
      if history > 0, [.tooNew, .foreign].contains(finding.state) {
        // What follows a server has lost its changes with it, or got others: nobody can use this one any more.
        unlink(snapshot.path)
      }
      try state.withLock { state in
        guard !state.isLoaded else { return }
        state.snapshot = SnapshotStatus(
          state: finding.state, sequence: finding.label?.sequence, problem: finding.problem)
        if let index = finding.index, let label = finding.label {
          state.view = View(index: index, sequence: label.sequence, tag: label.tag, history: history)
        } else if snapshot.hasPlace, counters.trimmed == 0, let dimension {
          // The change log tells the whole history: an empty index and all of it are a beginning.
          let empty = try HNSWIndex(HNSWIndex.Configuration(dimension: dimension))
          state.view = View(index: empty, sequence: 0, tag: 0, history: history)
          state.isWarm = true
        }
        // Before the first face there is nothing to open, and the dimension is not known.
        state.isLoaded = dimension != nil
      }
    }
  }

  /// The change log no longer reaches back to the index: another process has trimmed it behind a snapshot, or the changes are of
  /// another history.
  private struct OutOfReach: Error {}

  /// Takes one stretch of changes into the index; false when there is none.
  private func follow(_ view: View) throws -> Bool {
    let stretch: (changes: FaceChanges, keys: [UInt64], rows: [Float])? = try store.read { snapshot in
      let counters = try snapshot.counters()
      guard try view.history == snapshot.history() else { throw OutOfReach() }
      guard view.sequence < counters.sequence else { return nil }
      guard view.sequence >= counters.trimmed else { throw OutOfReach() }
      let changes = try FaceChanges(after: view.sequence, limit: Self.stretchLength, of: snapshot)
      var (keys, rows): ([UInt64], [Float]) = ([], [])
      // A face that was removed later has no vector any more, and needs none.
      for key in changes.added where try !view.index.contains(key) {
        guard let vector = try snapshot.vector(of: FaceID(rawValue: key)) else { continue }
        keys.append(key)
        rows += vector
      }
      return (changes, keys, rows)
    }
    guard let (changes, keys, rows) = stretch else { return false }
    let threads = keys.count >= 64 ? ProcessInfo.processInfo.activeProcessorCount : 1
    if !keys.isEmpty { try view.index.add(rows, keys: keys, threads: threads) }
    for key in changes.removed { try view.index.remove(key) }
    state.withLock { state in
      guard state.view?.index === view.index else { return }
      state.view = View(
        index: view.index, sequence: changes.sequence, tag: changes.tag, history: view.history)
      state.isWarm = true
    }
    return true
  }

  /// Builds the index anew from the vectors of the store.
  ///
  /// Changes that are made meanwhile may be in it or not; following the log from where the building began
  /// puts that right, because adding what is there and removing what is not change nothing.
  ///
  /// - Parameters:
  ///   - isCancelled: Asked after every batch.
  ///   - progress: Called with the number of faces done and of all.
  /// - Returns: Whether the end was reached; before the first face there is nothing to build.
  private func build(isCancelled: () -> Bool, progress: ((Int, Int) -> Void)? = nil) throws -> Bool {
    let (counters, history, dimension, total) = try store.read {
      (try $0.counters(), try $0.history(), try $0.fingerprint()?.dimension, try $0.faceCount())
    }
    guard let dimension else { return false }
    let index = try HNSWIndex(HNSWIndex.Configuration(dimension: dimension))
    try index.reserve(total)
    var last: UInt64 = 0
    while !isCancelled() {
      // Each batch from a snapshot of its own: a long one would keep the pages that writers free from being used again.
      let (faces, rows) = try store.read(ahead: true) {
        try $0.vectors(from: last + 1, limit: Self.batchLength)
      }
      guard let end = faces.last else {
        state.withLock { state in
          state.view = View(
            index: index, sequence: counters.sequence, tag: counters.tag, history: history)
          (state.isLoaded, state.isWarm) = (true, true)
        }
        return true
      }
      try index.add(
        rows, keys: faces, threads: ProcessInfo.processInfo.activeProcessorCount, progress: nil)
      last = end
      progress?(min(index.count, total), total)
    }
    return false
  }

  // MARK: Damage

  /// Gives the index up after it was found damaged, so that it is built anew.
  func discard(_ index: HNSWIndex, because problem: String) {
    state.withLock { state in
      guard state.view?.index === index else { return }
      state.view = nil
      state.snapshot = SnapshotStatus(state: .damaged, problem: problem)
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

  /// Notes that the snapshot on disk holds every change up to this one now.
  func didSave(_ sequence: UInt64) {
    state.withLock { $0.snapshot = SnapshotStatus(state: .current, sequence: sequence) }
  }

  /// Notes that a newer snapshot of the same history was put in the place of the one on disk.
  func didReplaceSnapshot() {
    guard let userInfo = try? HNSWIndex.userInfo(of: snapshot.path),
      let label = try? SnapshotLabel(decoding: userInfo)
    else { return }
    didSave(label.sequence)
  }

  /// Removes a snapshot that was found too old to be followed up, as a `remove --all` that was killed leaves it.
  func removeOldSnapshot() throws {
    guard snapshotStatus.state == .tooOld else { return }
    let isRemoved = try store.read { try snapshot.removeIfTooOld(for: store.uuid, $0) }
    if isRemoved { state.withLock { $0.snapshot = SnapshotStatus(state: .missing) } }
  }

  // MARK: Prefetching

  /// Prefetches the pages of a long tail while the snapshot is opened: after the machine was started they lie all over a file
  /// of which nothing is in memory.
  private func prefetchTail() {
    guard snapshot.hasPlace, let userInfo = try? HNSWIndex.userInfo(of: snapshot.path),
      let label = try? SnapshotLabel(decoding: userInfo),
      let last = try? store.read({ try $0.counters().sequence }),
      last > label.sequence, last - label.sequence > Self.longTail
    else { return }
    prefetching.add()
    let starts = WorkerThread.start("prefetch") { [self] in
      try? store.read { try Self.prefetchTail(after: label.sequence, of: $0) }
      prefetching.subtract()
    }
    if !starts { prefetching.subtract() }
  }

  private static func prefetchTail(after sequence: UInt64, of snapshot: borrowing Snapshot) throws {
    let counters = try snapshot.counters()
    guard counters.trimmed <= sequence, sequence < counters.sequence else { return }
    snapshot.prefetch(.changes(sequence + 1..<counters.sequence + 1))
    let tail = try FaceChanges(after: sequence, of: snapshot)
    guard let range = tail.addedRange, FaceSearch.isWorthwhile(tail, faces: try snapshot.faceCount())
    else { return }
    snapshot.prefetch(.vectorRange(Range(range)))
  }

  /// Waits for the threads that prefetch.
  func waitForPrefetching() { prefetching.wait() }
}
